from mixvi.module.assignment import assign_categories
from mixvi.module.cascade import CascadeVAE
from mixvi.module.cpl_mixvae import CplMixVAE
from mixvi.module.infogan import InfoGAN
from mixvi.module.joint import JointVAE
from mixvi.module.moe_sim_vae import MoESimVAE
from mixvi.module.multimodal import MultimodalCplMixVAE, expected_values, modality_key
from mixvi.module.single import SingleArmModule, SingleArmVAE
from mixvi.module.vade import VaDE

__all__ = [
    "CascadeVAE",
    "CplMixVAE",
    "InfoGAN",
    "JointVAE",
    "MoESimVAE",
    "MultimodalCplMixVAE",
    "SingleArmModule",
    "SingleArmVAE",
    "VaDE",
    "assign_categories",
    "expected_values",
    "modality_key",
]
