from mixvi.module.cpl_mixvae import CplMixVAE

__all__ = ["CplMixVAE"]
