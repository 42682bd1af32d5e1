from mixvi.model.cascade_vi import CascadeVI
from mixvi.model.cpl_mixvi import CplMixVI
from mixvi.model.infogan_vi import InfoGANVI
from mixvi.model.joint_vi import JointVI
from mixvi.model.moe_sim_vi import MoESimVI
from mixvi.model.vade_vi import VaDEVI

__all__ = ["CascadeVI", "CplMixVI", "InfoGANVI", "JointVI", "MoESimVI", "VaDEVI"]
