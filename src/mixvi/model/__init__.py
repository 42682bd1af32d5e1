from mixvi.model.cpl_mixvi import CplMixVI
from mixvi.model.moe_sim_vi import MoESimVI

__all__ = ["CplMixVI", "MoESimVI"]
