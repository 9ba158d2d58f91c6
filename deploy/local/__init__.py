"""A broker and a schema registry on this machine: Apache Kafka and Apicurio, on loopback only."""
