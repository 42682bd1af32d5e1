"""The numbers that the papers print, by table, data and method: mean, and standard deviation where there is one.

Measures are named as in :mod:`mixvi.bench.tables.measures`. Accuracies are in per cent, as printed.
"""

Printed = dict[str, tuple[float, float | None]]

TABLE_1: dict[tuple[str, str], Printed] = {  # cpl-mixVAE (ICLR 2022), Table 1
    ("dsprites", "JointVAE"): {"accuracy": (44.79, 3.9), "speed": (52.6, None), "disentanglement": (74.5, 5.2)},
    ("dsprites", "CascadeVAE"): {"accuracy": (78.84, 15.7), "speed": (15.4, None), "disentanglement": (90.5, 5.3)},
    ("dsprites", "cpl-mixVAE"): {"accuracy": (96.30, 9.2), "speed": (20.6, None), "disentanglement": (89.9, 4.1)},
    ("mnist", "InfoGAN"): {"accuracy": (77.87, 21.7), "speed": (12.2, None), "divergence": (2.15, 4.2)},
    ("mnist", "JointVAE"): {"accuracy": (68.99, 11.8), "speed": (74.1, None), "divergence": (3.12, 1.0)},
    ("mnist", "JointVAE†"): {"accuracy": (68.21, 9.6), "speed": (54.4, None), "divergence": (3.65, 2.7)},
    ("mnist", "CascadeVAE"): {"accuracy": (74.83, 6.9), "speed": (23.8, None), "divergence": (1.99, 1.1)},
    ("mnist", "CascadeVAE†"): {"accuracy": (72.98, 13.4), "speed": (17.8, None), "divergence": (2.44, 1.4)},
    ("mnist", "cpl-mixVAE"): {"accuracy": (84.56, 6.5), "speed": (17.5, None), "divergence": (1.48, 1.4)},
    ("tasic2018", "JointVAE"): {"accuracy": (12.53, 2.9), "speed": (28.6, None), "divergence": (459, 12)},
    ("tasic2018", "CascadeVAE"): {"accuracy": (2.69, 0.1), "speed": (3.4, None), "divergence": (54.8, 0.5)},
    ("tasic2018", "cpl-mixVAE"): {"accuracy": (38.78, 1.3), "speed": (10.1, None), "divergence": (43.9, 3.5)},
    ("yao2021_mop", "JointVAE"): {"accuracy": (2.32, 0.1), "speed": (14.8, None), "divergence": (542, 17)},
    ("yao2021_mop", "CascadeVAE"): {"accuracy": (2.85, 0.5), "speed": (0.6, None), "divergence": (150, 3.5)},
    ("yao2021_mop", "cpl-mixVAE"): {"accuracy": (23.64, 0.9), "speed": (8.2, None), "divergence": (135, 5.2)},
}

TABLE_S1: dict[str, Printed] = {  # its supplement, Table S1; MNIST, 10 runs
    "JointVAE": {"reconstruction": (0.166, None), "accuracy": (68.99, 11.76)},
    "JointVAE†": {"reconstruction": (0.166, None), "accuracy": (68.21, 9.58)},
    "JointVAE‡": {"reconstruction": (0.162, None), "accuracy": (62.19, 5.73)},
    "cpl-mixVAE": {"reconstruction": (0.145, None), "accuracy": (84.56, 6.47)},
    "cpl-mixVAE*": {"reconstruction": (0.140, None), "accuracy": (80.25, 5.37)},
    "cpl-mixVAEᵃ": {"reconstruction": (0.135, None), "accuracy": (82.92, 4.64)},
    "cpl-mixVAE(s∤c)": {"reconstruction": (0.146, None), "accuracy": (79.63, 8.32)},
}

TABLE_S2: dict[tuple[str, str], Printed] = {  # its supplement, Table S2
    ("mnist", "JointVAE"): {"accuracy": (68.99, None)},
    ("mnist", "cpl-mixVAE"): {"accuracy": (84.56, None)},
    ("mnist", "DEC"): {"accuracy": (84.30, None)},
    ("mnist", "IMSAT"): {"accuracy": (98.40, None)},
    ("mnist", "ACOL"): {"accuracy": (98.32, None)},
    ("svhn", "JointVAE"): {"accuracy": (23.10, None)},
    ("svhn", "cpl-mixVAE"): {"accuracy": (28.89, None)},
    ("svhn", "DEC"): {"accuracy": (11.90, None)},
    ("svhn", "IMSAT"): {"accuracy": (57.30, None)},
    ("svhn", "ACOL"): {"accuracy": (76.80, None)},
}

SUPPLEMENT_I: Printed = {"state_mixture": (66.0, None)}  # JointVAE after 150,000 iterations on MNIST

MOESIM_TABLE_1: dict[str, Printed] = {  # MoE-Sim-VAE (2021), Table 1; MNIST
    "MoE-Sim-VAE": {"accuracy": (97.5, None), "nmi": (0.935, None)},
    "VaDE": {"accuracy": (94.5, None)},
    "DEC": {"accuracy": (84.3, None), "nmi": (0.80, None)},
    "DEPICT": {"accuracy": (96.5, None), "nmi": (0.916, None)},
    "IMSAT": {"accuracy": (98.4, None)},
    "SpectralNet": {"accuracy": (97.1, None), "nmi": (0.924, None)},
}

MOESIM_TABLE_2: dict[tuple[str, str], Printed] = {  # MoE-Sim-VAE (2021), Table 2; F-measure
    ("levine_32dim", "MoE-Sim-VAE"): {"f_measure": (0.70, 0.04)},
    ("levine_13dim", "MoE-Sim-VAE"): {"f_measure": (0.68, 0.01)},
    ("samusik_01", "MoE-Sim-VAE"): {"f_measure": (0.76, 0.03)},
    ("samusik_all", "MoE-Sim-VAE"): {"f_measure": (0.74, 0.02)},
    ("levine_32dim", "FlowSOM"): {"f_measure": (0.780, None)},
    ("levine_13dim", "FlowSOM"): {"f_measure": (0.495, None)},
    ("samusik_01", "FlowSOM"): {"f_measure": (0.707, None)},
    ("samusik_all", "FlowSOM"): {"f_measure": (0.702, None)},
    ("levine_32dim", "PhenoGraph"): {"f_measure": (0.563, None)},
    ("levine_13dim", "PhenoGraph"): {"f_measure": (0.468, None)},
    ("samusik_01", "PhenoGraph"): {"f_measure": (0.671, None)},
    ("samusik_all", "PhenoGraph"): {"f_measure": (0.653, None)},
}

GENERATION: dict[str, Printed] = {  # MoE-Sim-VAE (2021), section 4.1.1: mean over the thresholds; draws of a component
    "MoE-Sim-VAE": {"generation": (97.0, None), "draws": (1.0, None)},
    "VaDE": {"generation": (94.4, None), "draws": (200.0, None)},
}

DEPENDENCE = {("angle", "0"): 25.62, ("width", "9"): 0.49}  # means printed in Fig. S7, as far as its text can be read
