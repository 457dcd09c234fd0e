import { open } from 'node:fs/promises';
import { imageFormatUnknown, imageHasBackingFile } from '../errors.js';

export interface ImageFormat {
  readonly format: 'qcow2' | 'raw';
  /** Bytes that a guest sees. */
  readonly virtualSize: number;
  /** Bytes of the file. */
  readonly fileSize: number;
}

/**
 * Looks at the first bytes. What has no header of a known format is a raw disk, if it is one of whole sectors.
 * Throws IMAGE_FORMAT_UNKNOWN, IMAGE_HAS_BACKING_FILE.
 */
export async function imageFormat(path: string, name = path): Promise<ImageFormat> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  return formatOf(buffer.subarray(0, bytesRead), size, name);
}

/** qcow2: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst, "Header". */
export function formatOf(header: Buffer, fileSize: number, name: string): ImageFormat {
  if (header.length >= 104 && header.toString('latin1', 0, 4) === 'QFI\xfb') {
    if (header.readUInt32BE(4) < 2) throw imageFormatUnknown(name, 'of the obsolete format qcow');
    if (header.readBigUInt64BE(8) !== 0n) throw imageHasBackingFile(name);
    return { format: 'qcow2', virtualSize: Number(header.readBigUInt64BE(24)), fileSize };
  }
  const foreign = foreignFormats.find(
    ({ at, magic }) => header.toString('latin1', at, at + magic.length) === magic,
  );
  if (foreign) throw imageFormatUnknown(name, foreign.what);
  if (fileSize === 0 || fileSize % 512 !== 0) throw imageFormatUnknown(name, 'no disk image');
  return { format: 'raw', virtualSize: fileSize, fileSize };
}

const foreignFormats = [
  { at: 0, magic: 'KDMV', what: 'a VMDK image' },
  { at: 0, magic: '# Disk Descriptor', what: 'a VMDK image' },
  { at: 0, magic: 'conectix', what: 'a VHD image' },
  { at: 0, magic: 'vhdxfile', what: 'a VHDX image' },
  { at: 64, magic: '\x7f\x10\xda\xbe', what: 'a VirtualBox image' },
  { at: 0, magic: '\x1f\x8b', what: 'compressed with gzip' },
  { at: 0, magic: '\xfd7zXZ', what: 'compressed with xz' },
  { at: 0, magic: '\x28\xb5\x2f\xfd', what: 'compressed with zstd' },
  { at: 0, magic: 'BZh', what: 'compressed with bzip2' },
  { at: 0, magic: 'PK\x03\x04', what: 'a zip archive' },
  { at: 257, magic: 'ustar', what: 'a tar archive' },
  { at: 0, magic: '<', what: 'a web page or XML' },
] as const;
