"""Rows and bytes. SQLAlchemy lives here and nowhere else."""
