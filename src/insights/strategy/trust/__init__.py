"""How far a verdict can be trusted: what the same procedure says where nothing was done."""
