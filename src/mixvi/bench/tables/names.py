"""Which tables of the papers there are; light, so that the command's help does not wait for torch."""

TABLES = {
    "table1": "Table 1 of cpl-mixVAE: dSprites, MNIST and two sets of cells, against JointVAE, CascadeVAE and InfoGAN.",
    "table-s1": "Table S1 of cpl-mixVAE: variants on MNIST, with the reconstruction error.",
    "table-s2": "Table S2 of cpl-mixVAE: MNIST beside house numbers (SVHN), where it is at its limits.",
    "fig-s6": "Fig. S6 of cpl-mixVAE: coupling weight and JointVAE's capacity on MNIST.",
    "cascade": "CascadeVAE on MNIST: when its categories open, and how much its states may hold.",
    "fig-s8": "Supplement I of cpl-mixVAE: a Gaussian mixture of JointVAE's states finds digits.",
    "fig-s9": "Fig. S9 of cpl-mixVAE: the number of categories on MNIST.",
    "fig-3c": "Fig. 3c of cpl-mixVAE: the number of arms on cells.",
    "moesim-table1": "Table 1 of MoE-Sim-VAE: clustering of MNIST.",
    "moesim-table2": "Table 2 of MoE-Sim-VAE: populations of mass cytometry.",
    "generation": "Section 4.1.1 of MoE-Sim-VAE: generating a requested digit, against VaDE with its threshold.",
}
