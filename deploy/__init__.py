"""The local stack, provisioning and the operator's command `shelftalk`."""
