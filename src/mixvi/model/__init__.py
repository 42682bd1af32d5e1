from mixvi.model.cpl_mixvi import CplMixVI

__all__ = ["CplMixVI"]
