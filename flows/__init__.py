"""The product: which stage follows which. Nothing here parses a document, writes a table or trains a model."""

from tasks.runtime.offline import forbid_telemetry

forbid_telemetry()  # before Prefect and the engines are imported: some speak at import
