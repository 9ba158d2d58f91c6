"""`shelftalk train-demo`: the demo's model tuned on the demo shop, judged on products it never saw, and put to use."""
