"""Which data sets there are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
from anndata import AnnData

from mixvi.datasets import origins, pictures, weber
from mixvi.datasets.prepared import prepared_reader
from mixvi.datasets.sprites import dsprites_rendered


@dataclass(frozen=True)
class DataSet:
    """A data set that :func:`~mixvi.datasets.load` knows.

    Parameters
    ----------
    description
        What it is.
    source
        Where it is from.
    labels_key
        Column of ``.obs`` with the finest published labels, for scoring only; not labelled is NaN.
    batch_key
        Column of ``.obs`` with batches or conditions, if any.
    file, sha256
        The prepared file and its checksum; nothing for data that come with a dependency. A file whose checksum is not
        known has none; its reader checks what is published about it instead.
    origin
        Makes the data from what is published, where that can be done.
    read
        Reads the prepared file.
    md5
        Checksum of a file for which its authors publish no SHA-256.
    """

    description: str
    source: str
    labels_key: str
    batch_key: str | None = None
    file: str | None = None
    sha256: str | None = None
    origin: Callable[[], AnnData] | None = None
    read: Callable[[Path], AnnData] = ad.read_h5ad
    md5: str | None = None


def _gated(name: str, about: weber.GatedSet, first_author: str) -> DataSet:
    """A set of Weber & Robinson, whose file has no published checksum."""
    n_markers = about.markers.stop - about.markers.start
    return DataSet(
        f"{about.n_cells:,} bone marrow cells by mass cytometry, raw intensities of {n_markers} surface markers (use "
        f"arcsinh(x / 5)); {about.n_populations} manual gates for {about.n_gated:,} cells. Reading needs"
        " mixvi[cytometry].",
        f"{first_author}; in the form of {weber.SOURCE}",
        "population",
        batch_key=about.batch[1] if about.batch else None,
        file=f"{name}_notransform.fcs",
        read=weber.gated_reader(about),
    )


LEVINE = "Levine 2015, Cell 162:184"
SAMUSIK = "Samusik 2016, Nat Methods 13:493"
ZEISEL = "Zeisel 2015, Science 347:1138; GSE60361"

DATASETS = {
    "zeisel2015": DataSet(
        "3,005 cells of mouse cortex and hippocampus, counts of 4,412 genes; 47 subclasses in 7 classes, 189 cells in"
        " no subclass. From its origin it comes with all 19,972 genes.",
        ZEISEL,
        "cell_type",
        file="zeisel2015_cortex.h5ad",
        sha256="a65688651c83325c5eacef9dc325536e2370dd4107ab1bf402ad2fa08ba629ea",
        origin=origins.download_zeisel,
    ),
    "zeisel2015_mini": DataSet(
        "1,272 cells and 300 genes of zeisel2015",
        ZEISEL,
        "cell_type",
        file="zeisel2015_mini.h5ad",
        sha256="77fdd6c8a9ccd21a22b920e1672242dca7476ca06844c9667eb123228f431e1c",
    ),
    "paul2015": DataSet(
        "2,730 myeloid progenitors, counts of 3,451 genes; 19 clusters on a continuum",
        "Paul 2015, Cell 163:1663; GSE72857, through scanpy.datasets.paul15",
        "cell_type",
        file="paul2015_haematopoiesis.h5ad",
        sha256="179e21ea6cdee920573441747ae5dc9d1761efa731b394da7873b02e8403cee5",
        origin=origins.download_paul,
    ),
    "pbmc3k": DataSet(
        "2,638 blood cells, counts of 16,579 genes; 8 types of the scanpy tutorial",
        "10x Genomics, through scanpy.datasets.pbmc3k; CC-BY 4.0",
        "cell_type",
        file="pbmc3k.h5ad",
        sha256="819b9a354068589f42578b90ebdbb99162e07260ed779c316a5607fc50a0b925",
        origin=origins.download_pbmc3k,
    ),
    "kang2018": DataSet(
        "13,999 blood cells, control or stimulated with interferon beta, counts of 14,044 genes; 8 types",
        "Kang 2018, Nat Biotechnol 36:89; GSE96583",
        "cell_type",
        batch_key="condition",
        file="kang2018_ifnb.h5ad",
        sha256="20d11b146b8599e312980667692ad6ed25092e4557dde7d37ad36632c566ed9d",
    ),
    "bodenmiller2012": DataSet(
        "51,936 blood cells by mass cytometry, raw dual counts of 24 channels (use arcsinh(x / 5)); 14 manual gates."
        " They overlap: 6,842 rows are a cell that is there already, mostly NK cells again as cd14-surf-",
        "Bodenmiller 2012, Nat Biotechnol 30:858; github.com/yannabraham/bodenmiller; CC0",
        "population",
        batch_key="well",
        file="bodenmiller2012_untreated.h5ad",
        sha256="a4c3a5345a24c83f4081f424972868eb382b4763b136dad689ec99ce64bf832d",
    ),
    "tasic2018": DataSet(
        "about 22,000 neurons of mouse cortex (ALM and VISp), Smart-seq; 115 types. An .h5ad file that you prepare from"
        " the exon matrices of both areas: counts in .X, types in .obs['cluster'], neurons alone",
        "Tasic 2018, Nature 563:72; GSE115746",
        "cluster",
        file="tasic2018_alm_visp.h5ad",
        read=prepared_reader("cluster", 115),
    ),
    "yao2021_mop": DataSet(
        "about 123,000 neurons of mouse primary motor cortex, 10x; 140 types. An .h5ad file that you prepare: counts in"
        " .X, types in .obs['cluster'], neurons alone",
        "Yao 2021, Nature 598:103; the BRAIN Initiative's NeMO archive",
        "cluster",
        file="yao2021_mop_10x.h5ad",
        read=prepared_reader("cluster", 140),
    ),
    "levine_32dim": _gated("Levine_32dim", weber.LEVINE_32, LEVINE),
    "levine_13dim": _gated("Levine_13dim", weber.LEVINE_13, LEVINE),
    "samusik_01": _gated("Samusik_01", weber.SAMUSIK_01, SAMUSIK),
    "samusik_all": _gated("Samusik_all", weber.SAMUSIK_ALL, SAMUSIK),
    "mnist": DataSet(
        "70,000 images of digits, 28 x 28, values in [0, 1]; .obs['split'] tells train from test",
        "LeCun 1998, as distributed by Keras",
        "label",
        file="mnist.npz",
        sha256="06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64",
        origin=origins.download_mnist,
        read=origins.read_mnist,
    ),
    "pbmc68k_reduced": DataSet(
        "700 blood cells, log-normalised values of 765 genes; 10 types",
        "comes with scanpy",
        "bulk_labels",
        origin=origins.pbmc68k_reduced,
    ),
    "digits": DataSet(
        "1,797 images of digits, 8 x 8, values in [0, 1]",
        "comes with scikit-learn",
        "label",
        origin=origins.digits,
    ),
    "dsprites": DataSet(
        "737,280 images of squares, ellipses and hearts, 64 x 64, values 0 and 1, sparse; scale, orientation and place"
        " in .obs",
        "Matthey 2017, github.com/google-deepmind/dsprites-dataset",
        "label",
        file=pictures.DSPRITES_FILE,
        sha256=pictures.DSPRITES_SHA256,
        origin=pictures.download_dsprites,
        read=pictures.read_dsprites,
    ),
    "dsprites_rendered": DataSet(
        "20,000 images like those of dsprites, drawn by this package from the published factors; for other numbers see"
        " mixvi.datasets.dsprites_rendered",
        "drawn by this package",
        "label",
        origin=dsprites_rendered,
    ),
    "svhn": DataSet(
        "73,257 cropped house numbers (the training images), 32 x 32 x 3, values in [0, 1]; digit in the centre",
        "Netzer 2011, ufldl.stanford.edu/housenumbers",
        "label",
        file=pictures.SVHN_FILE,
        md5=pictures.SVHN_MD5,
        origin=pictures.download_svhn,
        read=pictures.read_svhn,
    ),
}
