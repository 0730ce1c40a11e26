# SPDX-License-Identifier: GPL-2.0-or-later
"""What the makers of good and of wrong firmware files share: applications built by outside tools, and writers of the
formats that no tool of Debian writes."""
import os
import struct
import subprocess
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
FLASH = 0x08000000
FAMILY_H7 = 0x6DB66082


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def write(name, data):
    with open(name, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return name


def read(name):
    with open(name, 'rb') as file:
        return file.read()


def build(name, origin=FLASH, stack=0x20020000, seed=1, linker='arm-none-eabi-ld', link=(), assemble=()):
    """Assembles and links app.S; returns the ELF file's name."""
    script = read(f'{HERE}/app.ld').decode().replace('@ORIGIN@', hex(origin)).replace('@STACK@', hex(stack))
    write(f'{name}.ld', script)
    run('arm-none-eabi-as', '--defsym', f'SEED={seed}', *assemble, '-o', f'{name}.o', f'{HERE}/app.S')
    run(linker, '-T', f'{name}.ld', *link, '-o', f'{name}.elf', f'{name}.o')
    return f'{name}.elf'


def objcopy(source, target, form='binary', *options):
    run('arm-none-eabi-objcopy', '-O', form, *options, source, target)
    return target


def code(elf):
    """The bytes of the application, as objcopy has them."""
    return read(objcopy(elf, elf + '.objcopy', 'binary', '--gap-fill', '0xff', '-R', '.assets'))


def hex_record(kind, address, data=b''):
    body = bytes([len(data)]) + struct.pack('>H', address) + bytes([kind]) + data
    return ':' + (body + bytes([-sum(body) & 0xFF])).hex().upper()


def hex_lines(address, data, width=16):
    """Records as Keil's fromelf and IAR's ielftool write them: 04 before each 64 KiB."""
    lines, upper = [], None
    for at in range(0, len(data), width):
        here = address + at
        if here >> 16 != upper:
            upper = here >> 16
            lines.append(hex_record(4, 0, struct.pack('>H', upper)))
        lines.append(hex_record(0, here & 0xFFFF, data[at:at + width]))
    return lines


HEX_END = ':00000001FF'


def srec_record(kind, address, data=b'', width=4):
    body = address.to_bytes(width, 'big') + data
    body = bytes([len(body) + 1]) + body
    return f'S{kind}' + (body + bytes([~sum(body) & 0xFF])).hex().upper()


def srec_lines(address, data, width=16):
    return [srec_record(3, address + at, data[at:at + width]) for at in range(0, len(data), width)]


def uf2_block(number, count, address, data, family=FAMILY_H7, flags=0x2000):
    head = struct.pack('<8I', 0x0A324655, 0x9E5D5157, flags, address, len(data), number, count, family)
    return head + data.ljust(476, b'\0') + struct.pack('<I', 0x0AB16F30)


def uf2(pieces, size=256, family=FAMILY_H7, flags=0x2000):
    """A list of blocks for (address, bytes) pieces."""
    parts = [(address + at, data[at:at + size]) for address, data in pieces for at in range(0, len(data), size)]
    return [uf2_block(i, len(parts), address, data, family, flags) for i, (address, data) in enumerate(parts)]


def suffix(data, version=0x0100, vid=0x0483, pid=0xDF11):
    data += struct.pack('<4H', 0xFFFF, pid, vid, version) + b'UFD' + bytes([16])
    return data + struct.pack('<I', zlib.crc32(data) ^ 0xFFFFFFFF)


def dfuse(targets, version=0x011A, vid=0x0483, pid=0xDF11):
    """`targets`: pairs of an alternate setting and its (address, bytes) elements."""
    body = b''
    for alternate, elements in targets:
        inner = b''.join(struct.pack('<II', address, len(data)) + data for address, data in elements)
        body += b'Target' + bytes([alternate]) + struct.pack('<I', 1) + b'ST...'.ljust(255, b'\0')
        body += struct.pack('<II', len(inner), len(elements)) + inner
    return suffix(b'DfuSe\1' + struct.pack('<IB', 11 + len(body), len(targets)) + body, version, vid, pid)


def elf_patch(name, target, change):
    """Copies an ELF file with its program headers changed: `change` gets each as a list of 8 numbers."""
    data = bytearray(read(name))
    offset, count = struct.unpack_from('<I', data, 28)[0], struct.unpack_from('<H', data, 44)[0]
    for i in range(count):
        header = list(struct.unpack_from('<8I', data, offset + 32 * i))
        change(header)
        struct.pack_into('<8I', data, offset + 32 * i, *header)
    return write(target, bytes(data))


def elf_strip_sections(name, target):
    """Takes the section headers away, as sstrip does."""
    data = bytearray(read(name))
    struct.pack_into('<I', data, 32, 0)
    struct.pack_into('<3H', data, 46, 0, 0, 0)
    return write(target, bytes(data))


def table(stack, reset, length=64):
    """A vector table and bytes behind it that are no text."""
    return struct.pack('<II', stack, reset) + bytes(0x80 + i % 100 for i in range(length - 8))
