"""How much a shop of some size needs: load, machines, broker and cost, from measured figures with their spread."""
