from mixvi.module.cpl_mixvae import CplMixVAE
from mixvi.module.multimodal import MultimodalCplMixVAE, expected_values, modality_key

__all__ = ["CplMixVAE", "MultimodalCplMixVAE", "expected_values", "modality_key"]
