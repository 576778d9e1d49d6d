"""OLE compound files (Microsoft, MS-CFB) opened so that what they say about their sizes cannot exceed what they have."""

from typing import Any

import olefile


class CompoundFile(olefile.OleFileIO):
    """olefile reads as many sectors as a stream states, over and over where their chain is a loop: gigabytes of a small file."""

    def loadfat(self, header: bytes) -> None:
        """Load the table of sectors. Raises OSError for one with more sectors than the file."""
        if self.num_fat_sectors > self.nb_sect:
            raise OSError(f"a sector table of {self.num_fat_sectors} sectors in a file of {self.nb_sect}")
        super().loadfat(header)

    def _open(self, start: int, size: int = olefile.olefile.UNKNOWN_SIZE, force_FAT: bool = False) -> Any:  # noqa: N803
        """Open any stream, the tables included. Raises OSError for one that is larger than the file."""
        if self._filesize < size != olefile.olefile.UNKNOWN_SIZE:  # an unknown size is bounded by the table
            raise OSError(f"a stream of {size} bytes in a file of {self._filesize}")
        return super()._open(start, size, force_FAT)
