"""How the collected static files are kept: hashed names, and beside each one its gzip."""

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Source maps are for developers, and as large as all the rest.
NOT_COMPRESSED = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's own, without Brotli: another package brings that along, and at its best it costs
    half a minute of a first start for a tenth of the bytes."""

    def create_compressor(self, **kwargs):
        return Compressor(**kwargs | {"use_brotli": False, "extensions": NOT_COMPRESSED})
