from mixvi.module.cpl_mixvae import CplMixVAE
from mixvi.module.moe_sim_vae import MoESimVAE

__all__ = ["CplMixVAE", "MoESimVAE"]
