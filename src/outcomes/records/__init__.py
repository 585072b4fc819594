"""Files and frames -> checked records: read, checked against the contract, and refused or set aside with every breach named."""
