"""What stands beside the processes to watch them: Prometheus's settings and rules, and a Grafana dashboard."""
