from mixvi.module.cpl_mixvae import CplMixVAE
from mixvi.module.multimodal import MultimodalCplMixVAE, cells_with_values, expected_values, follow_others, modality_key

__all__ = [
    "CplMixVAE",
    "MultimodalCplMixVAE",
    "cells_with_values",
    "expected_values",
    "follow_others",
    "modality_key",
]
