from mixvi.images.adapter import shape_of_images, to_anndata, to_images

__all__ = ["shape_of_images", "to_anndata", "to_images"]
