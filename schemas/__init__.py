"""The contract between the parts: records, their Avro schemas, topics, tasks and the codec. Imports nothing of ours."""
