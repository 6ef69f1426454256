"""Every strategy of the register: judged, set beside its plan and its other metrics, told."""
