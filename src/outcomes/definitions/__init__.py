"""Each rule once: columns, scales, endpoints, skin types, windows, thresholds and guidance. Nothing but data and pure predicates."""
