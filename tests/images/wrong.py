#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes wrong firmware files in the current folder, and NAME.yaml and NAME.says for each: the profile, and what its
message must hold, a text a line. Prints a name a line."""
import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import tarfile
import zipfile
import zlib

from tools import *

AT = 'address: 0x08000000'
LEAD = 'no application starts at 0x08000000'


def wrong(name, entries, says, part='stm32h743xi', keys=''):
    if isinstance(entries, str):
        entries = [entries]
    listed = ''.join(f'  - {{{entry}}}\n' for entry in entries)
    write(f'{name}.yaml', f'profile: 1\nname: images\ntarget: {{part: {part}}}\nfirmware:\n{listed}{keys}')
    write(f'{name}.says', '\n'.join(says) + '\n')
    print(name)


def foreign(name, data, *says):
    """A file that is no firmware, named as firmware; its name and the remedy must be told."""
    write(f'{name}.bin', data)
    wrong(name, f'file: {name}.bin, {AT}', [f'{name}.yaml:5:', f'{name}.bin: is ', *says])


app = build('wrong-app')
app_code = code(app)
objcopy(app, 'right.bin')
lines = hex_lines(FLASH, app_code)
good_hex = '\n'.join(lines + [HEX_END]) + '\n'
write('right.hex', good_hex)

# --- archives, documents, programs ---
with zipfile.ZipFile('zip.bin', 'w') as archive:
    archive.writestr('app.hex', good_hex)
foreign('zip', read('zip.bin'), 'a zip archive', 'Unpack it')
foreign('gzip', gzip.compress(app_code), 'a gzip file', 'gunzip')
foreign('bzip2', bz2.compress(app_code), 'a bzip2 file', 'bunzip2')
foreign('xz', lzma.compress(app_code), 'an xz file', 'unxz')
foreign('zstd', subprocess.run(['zstd', '-c', 'right.bin'], check=True, capture_output=True).stdout if
        subprocess.run(['which', 'zstd'], capture_output=True).returncode == 0 else b'\x28\xb5\x2f\xfd' + bytes(range(200)),
        'a zstd file', 'unzstd')
foreign('7z', b"7z\xbc\xaf\x27\x1c" + bytes(range(200)), 'a 7z archive', 'Unpack it')
memory = io.BytesIO()
with tarfile.open(fileobj=memory, mode='w') as archive:
    archive.add('right.bin')
foreign('tar', memory.getvalue(), 'a tar archive', 'Unpack it')
foreign('pdf', b'%PDF-1.7\n%\xe2\xe3\xcf\xd3\n' + bytes(300), 'a PDF document')
foreign('pe', b'MZ'.ljust(60, b'\0') + struct.pack('<I', 128) + bytes(64) + b'PE\0\0' + bytes(200), 'a Windows program',
        'arm-none-eabi')
foreign('macho', struct.pack('<I', 0xFEEDFACF) + bytes(200), 'a Mach-O program', 'arm-none-eabi')
foreign('java', b'\xca\xfe\xba\xbe\0\0\0\x37' + bytes(200), 'Java')
foreign('png', b'\x89PNG\r\n\x1a\n' + bytes(200), 'a PNG image')

foreign('zlib', zlib.compress(app_code), 'zlib data')
foreign('lzma', lzma.compress(app_code, lzma.FORMAT_ALONE), 'an lzma file', 'unlzma')
foreign('lzip', b'LZIP\1\x0c' + bytes(range(200)), 'an lzip file', 'lzip -d')
foreign('compress', b'\x1f\x9d\x90' + bytes(range(200)), 'a compressed file', 'uncompress')
foreign('cpio', b'070701' + 104 * b'0' + b'app.bin\0' + app_code, 'a cpio archive', 'Unpack it')
foreign('thin', b'!<thin>\n//    ' + bytes(range(200)), 'a library', 'linked firmware')
foreign('openssl', b'Salted__' + bytes(range(200)), 'openssl', 'Decrypt it')
foreign('uimage', b'\x27\x05\x19\x56' + bytes(range(200)), 'a U-Boot image')
foreign('lz4-legacy', b'\x02\x21\x4c\x18' + bytes(range(200)), 'an lz4 file', 'unlz4')
foreign('stm32mp', b'STM2' + bytes(300), '.stm32', 'firmware for the STM32H7')
foreign('esp', struct.pack('<4BI', 0xE9, 3, 2, 0x20, 0x40374A18) + bytes(range(200)), 'an ESP32 image', 'arm-none-eabi')
# Also where nothing starts, and so no vector table is looked at.
write('data.bin', zlib.compress(bytes(5000)))
wrong('archive-as-data', [f'file: right.bin, {AT}', 'file: data.bin, address: 0x08100000'],
      ['archive-as-data.yaml:6:', 'data.bin: is zlib data', 'say format: raw'])

# --- text ---
foreign('apj', '{"board_id": 1013, "magic": "APJFWv1", "image": "eNrs=="}', 'ArduPilot', '*_with_bl.hex')
foreign('px4', '{\n "board_id": 50,\n "magic": "PX4FWv1", "image": "eNrs=="}', 'PX4', 'no address')
foreign('json', '\n [1, 2, 3, "firmware"]\n', 'JSON')
foreign('html', '<!DOCTYPE html>\n<html><body>Not found</body></html>', 'an HTML page', 'download')
foreign('xml', '<?xml version="1.0"?><project/>', 'XML')
foreign('notfound', '404: Not Found', 'is text', 'firmware')
foreign('lfs', 'version https://git-lfs.github.com/spec/v1\noid sha256:' + 64 * '0' + '\nsize 12345\n', 'Git LFS', 'git lfs pull')
foreign('script', '#!/bin/sh\nexec make flash\n', 'a script')
foreign('titxt', '@8000000\n00 00 02 20 09 00 00 08\nq\n', 'TI-TXT', 'srec_cat')
foreign('pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n', 'PEM')
foreign('utf16', b'\xff\xfe' + good_hex.encode('utf-16-le'), 'UTF-16', 'UTF-8')
foreign('utf16-without-mark', good_hex.encode('utf-16-be'), 'UTF-16', 'UTF-8')
foreign('utf32', good_hex.encode('utf-32'), 'UTF-32', 'UTF-8')
foreign('latin1', 'Gerät A, geprüft\nKönigstraße 7\n'.encode('latin-1'), 'is text')
write('latin1-comment.hex', ('; Gerät A\n' + good_hex).encode('latin-1'))
wrong('latin1-before-hex', 'file: latin1-comment.hex', ['latin1-comment.hex:2:1: ', 'Intel HEX', 'Remove the lines'])
foreign('bom-text', b'\xef\xbb\xbfrelease notes of version 2.4.1\n', 'text')
write('comment.hex', '; controller A, version 2.4.1\n; built by make\n' + good_hex)
wrong('hex-behind-lines', 'file: comment.hex', ['comment.hex:3:1: ', 'Intel HEX', 'Remove the lines'])
write('comment.srec', 'controller A\n' + '\n'.join(srec_lines(FLASH, app_code) + [srec_record(7, FLASH)]))
wrong('srec-behind-lines', 'file: comment.srec', ['comment.srec:2:1: ', 'S-records', 'Remove the lines'])

# --- damaged or contradicting records ---
bad = lines[:]
bad[5] = bad[5][:-2] + ('00' if bad[5][-2:] != '00' else '01')
write('checksum.hex', '\n'.join(bad + [HEX_END]))
wrong('hex-checksum', 'file: checksum.hex', ['checksum.hex:6:1: ', 'bad checksum', 'should be', 'copy or build it again'])
write('cut.hex', '\n'.join(lines))
wrong('hex-cut-off', 'file: cut.hex', ['no end record', 'cut off', 'copy or build it again'])
write('half.hex', '\n'.join(lines)[:-7])
wrong('hex-half-a-line', 'file: half.hex', [f'half.hex:{len(lines)}:1: ', 'record'])
write('first.hex', '\n'.join([lines[0][:-3]] + lines[1:] + [HEX_END]))
wrong('hex-first-line', 'file: first.hex', ['first.hex:1:1: ', 'record'])
write('joined.hex', good_hex + good_hex)
wrong('hex-files-joined', 'file: joined.hex', [f'joined.hex:{len(lines) + 2}:1: ', 'follows the end record', 'srec_cat'])
write('twice.hex', '\n'.join(lines + [hex_record(0, 16, b'\x12')] + [HEX_END]))
wrong('hex-two-values', 'file: twice.hex', [f'twice.hex:{len(lines) + 1}:1: ', '0x08000010 is already stated by line 3',
                                           'it is 0x12'])
records = srec_lines(FLASH, app_code)
write('count.srec', '\n'.join(records[:-1] + [srec_record(5, len(records), b'', 2), srec_record(7, FLASH)]))
wrong('srec-count', 'file: count.srec', [f'count.srec:{len(records)}:1: ', f'says {len(records)} data records'])
wrong('overlap', ['file: right.hex', 'file: right.bin, address: 0x08000100'],
      ['overlap.yaml:6:', '0x08000100 is already stated by an earlier file, right.hex (line 5'])
write('random.hex', bytes((i * 7 + 130) % 256 for i in range(300)))
wrong('hex-that-is-binary', 'file: random.hex', ['random.hex: does not begin as a file of format ihex'])
write('empty.bin', b'')
wrong('empty', f'file: empty.bin, {AT}', ['empty.bin: the file is empty'])
os.mkdir('folder.bin')
wrong('folder', f'file: folder.bin, {AT}', ['folder.bin: is a folder, not a regular file', 'name the file itself'])
os.mkfifo('pipe.bin')
wrong('pipe', f'file: pipe.bin, {AT}', ['pipe.bin: is a device, pipe or socket', 'name the file itself'])
os.truncate(write('sparse.bin', b''), 5 << 30)
wrong('sparse', f'file: sparse.bin, {AT}', ['sparse.bin: larger than 65536 KiB', 'ELF or HEX'])
write('none.hex', HEX_END + '\n')
wrong('hex-without-data', 'file: none.hex', ['none.hex: states no bytes', 'holds the firmware'])
wrong('range-beside-it', 'file: right.hex, range: {first: 0x08100000, last: 0x081fffff}',
      ['nothing lies at 0x08100000', 'states bytes from 0x08000000', 'correct the range'])
wrong('raw-without-address', 'file: right.bin', ['right.bin: ', 'needs an address'])
wrong('hex-with-address', f'file: right.hex, {AT}', ['has its own addresses', 'offset'])

# --- UF2 ---
blocks = uf2([(FLASH, app_code)])
write('family.uf2', b''.join(uf2([(FLASH, app_code)], family=0xE48BFF56)))
wrong('uf2-of-another-family', 'file: family.uf2', ['family.uf2: block 0', '0xe48bff56 (RP2040)', '0x6db66082'])
write('families.uf2', b''.join(blocks + uf2([(FLASH, app_code)], family=0x57755A57)))
wrong('uf2-of-two-families', 'file: families.uf2', ['families.uf2: block ', 'family 0x57755a57 (STM32F4)', 'use the file for this board'])
write('missing.uf2', b''.join(blocks[:3] + blocks[4:]))
wrong('uf2-missing-block', 'file: missing.uf2', ['missing.uf2: block number 3 of', 'is missing', 'copy it again'])
write('hole.uf2', b''.join(blocks[:3] + [blocks[2]] + blocks[4:]))
wrong('uf2-repeated-block', 'file: hole.uf2', ['hole.uf2: block number 2 is repeated'])
write('short.uf2', b''.join(blocks)[:-100])
wrong('uf2-cut-off', 'file: short.uf2', ['no multiple of 512'])
write('broken.uf2', blocks[0] + b'\0' + blocks[1][1:] + b''.join(blocks[2:]))
wrong('uf2-broken-block', 'file: broken.uf2', ['block 1 is no UF2 block'])

# --- ELF ---
headers = build('wrong-headers', origin=0x08008000, link=('-z', 'max-page-size=0x10000'))
elf_strip_sections(headers, 'sstripped.elf')
wrong('elf-headers-without-sections', 'file: sstripped.elf', ['sstripped.elf: program header 0', "own headers", 'sstrip'])
wrong('elf-object', 'file: wrong-app.o, format: elf', ['not a linked ELF executable', 'the file that the linker wrote'])
host = bytearray(read(app))
host[18:20] = b'\x3e\0'
write('host.elf', bytes(host))
wrong('elf-of-the-host', 'file: host.elf', ['host.elf: not an ELF file for ARM', 'arm-none-eabi'])
write('truncated.elf', read(app)[:3000])
wrong('elf-object-with-address', f'file: wrong-app.o, {AT}', ['not a linked ELF executable', 'the file that the linker wrote'])
for tool, name in (('arm-none-eabi-objcopy', 'debug'), ('llvm-objcopy', 'debug-llvm')):
    run(tool, '--only-keep-debug', build('with-note', assemble=('--defsym', 'NOTE=1')), f'{name}.elf')
    wrong(f'elf-{name}', f'file: {name}.elf', [f'{name}.elf: holds debug information alone', 'name the ELF file'])
run('arm-none-eabi-ld', '-shared', '-o', 'pie.elf', 'wrong-app.o')
wrong('elf-position-independent', 'file: pie.elf', ['not a linked ELF executable', 'fixed address', '-pie'])
run('arm-none-eabi-ld', '-Ttext', '0x10000', '-e', 'Reset_Handler', '-defsym', '_estack=0x20020000', '-defsym',
    '_sdata=0x20000000', '-defsym', '_edata=0x20000000', '-defsym', '_sidata=0', '-o', 'no-script.elf', 'wrong-app.o')
wrong('elf-linked-without-a-script', 'file: no-script.elf', ['is not flash of the stm32h743xi', 'link it for an address there'])
wide = bytearray(read(app))
wide[4] = 2
write('wide.elf', bytes(wide))
wrong('elf-64-bit', 'file: wide.elf', ['wide.elf: not an ELF file for ARM, 32-bit', 'arm-none-eabi'])
big = bytearray(read(app))
big[5] = 2
write('big.elf', bytes(big))
wrong('elf-big-endian', 'file: big.elf', ['big.elf: not an ELF file for ARM, 32-bit, little-endian', 'arm-none-eabi'])
wrong('elf-cut-off', 'file: truncated.elf', ['truncated.elf: '])
assets = build('wrong-assets', assemble=('--defsym', 'ASSETS=1'))
wrong('elf-assets', f'file: {assets}', ['0x90000000 is not flash of the stm32h743xi', 'QUADSPI', 'range'])

# --- DfuSe ---
damaged = bytearray(dfuse([(0, [(FLASH, app_code)])]))
damaged[400] ^= 1
write('damaged.dfu', bytes(damaged))
write('cut.dfu', dfuse([(0, [(FLASH, app_code)])])[:-16])
wrong('dfuse-without-suffix', 'file: cut.dfu', ['cut.dfu: no DFU suffix', 'copy or build it again'])
wrong('dfuse-damaged', 'file: damaged.dfu', ['damaged.dfu: bad CRC'])
write('option.dfu', dfuse([(0, [(FLASH, app_code)]), (1, [(0x5200201C, bytes(128))])]))
wrong('dfuse-option-bytes', 'file: option.dfu', ['target 2 for alternate setting 1', 'alternate: 0'])
write('no-flash.dfu', dfuse([(1, [(0x5200201C, bytes(128))])]))
wrong('dfuse-without-flash', 'file: no-flash.dfu', ['target 1 for alternate setting 1', 'use a file for it'])
wrong('dfuse-no-such-target', 'file: option.dfu, alternate: 4', ['no target for alternate setting 4', 'target 1'])
write('foreign.dfu', dfuse([(0, [(FLASH, app_code)])], vid=0x1209))
wrong('dfuse-of-another-device', 'file: foreign.dfu', ['for devices 1209:df11', 'dfu-suffix'])

# --- files that could not start ---


def implausible(name, data, *says, part='stm32h743xi', address=FLASH, keys='', entry=''):
    write(f'{name}.bin', data)
    wrong(name, f'file: {name}.bin, address: {address:#x}{entry}', [f'{name}.yaml:5:', f'no application starts at 0x{address:08X}', *says],
          part, keys)


implausible('all-ff', b'\xff' * 4096, 'blank flash', 'start: {check: off}')
implausible('all-zero', bytes(4096), 'zeros', 'is not in RAM')
implausible('stack-outside', table(0x20030000, 0x08000009), '0x20030000 is not in RAM; the stm32h743xi has RAM at', '(DTCM)')
implausible('stack-of-h7a3', table(0x24100000, 0x08000009), '0x24100000 is not in RAM', '0x24080000 (AXI SRAM)')
implausible('stack-in-ccm-of-f4', table(0x10010000, 0x08000009), '0x10010000 is not in RAM')
implausible('stack-behind-the-end', table(0x20020008, 0x08000009), '0x20020008 is not in RAM')
implausible('reset-even', table(0x20020000, 0x08000008), '0x08000008 is even', 'Thumb')
implausible('reset-outside', table(0x20020000, 0x08020009), '0x08020009 is outside')
implausible('reset-in-ram', table(0x20020000, 0x20000001), '0x20000001 is outside')
implausible('reset-blank', table(0x20020000, 0x08000801)[:256].ljust(4096, b'\xff'), '0x08000801 points at bytes of 0xFF', 'cut off')
implausible('second-core-first', table(0x10048000, 0x08000009), '0x10048000 is not in RAM', part='stm32h747xi')
implausible('mcuboot-header', struct.pack('<IIHHI', 0x96F3B83D, 0, 0x200, 0, 64) + bytes(64), 'MCUboot', 'boot loader')
implausible('elf-as-raw', read(app), 'header of an ELF file', entry=', format: raw')
implausible('stated-start', table(0x30000000 - 16, 0x08040009), 'is not in RAM', address=0x08040000, keys='start: 0x08040000\n')
implausible('table-cut-short', table(0x20020000, 0x08000009)[:6], 'no application')
high = build('wrong-high', origin=0x08020000)
wrong('nothing-to-start', f'file: {high}', ['nothing-to-start.yaml:6:8: ', '0x08000000', 'start: ADDRESS', 'erase: touched'],
      keys='leave: required\n')
wrong('start-outside-flash', f'file: {app}', ['start: 0x24000000 is not flash of the stm32h743xi but RAM'],
      keys='start: 0x24000000\n')
wrong('beyond-value-line', ['file: right.hex', 'file: right.bin, address: 0x08020000'],
      ['0x08020000 is not flash of the stm32h750xb', 'value-line'], part='stm32h750xb')
write('zero.hex', '\n'.join(hex_lines(0, app_code) + [HEX_END]))
wrong('linked-for-0', 'file: zero.hex', ['zero.hex:2:1: 0x00000000 is not flash', 'move it there with offset'])
write('ram.hex', '\n'.join(hex_lines(0x24000000, app_code) + [HEX_END]))
wrong('linked-for-ram', 'file: ram.hex', ['ram.hex:2:1: 0x24000000 is not flash', 'RAM'])
