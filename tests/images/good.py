#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes good firmware files by outside tools in the current folder, and FILE.yaml and FILE.want for each: the profile's
keys, and the flash that a board must hold, worked out from what the tools were given. Prints a name a line."""
import struct
import zipfile

from tools import *

KIB = {'stm32h743xi': 2048, 'stm32h7a3xi': 2048, 'stm32h750xb': 128, 'stm32h723xe': 512, 'stm32h747xi': 2048}


def good(name, entries, pieces, part='stm32h743xi', keys='', before=None):
    """`pieces`: what must be in flash, as (address, bytes)."""
    flash = bytearray(b'\xff' * (KIB[part] * 1024)) if before is None else bytearray(before)
    for address, data in pieces:
        at = address - FLASH
        flash[at:at + len(data)] = data
    if isinstance(entries, str):
        entries = [entries]
    listed = ''.join(f'  - {{{entry}}}\n' for entry in entries)
    write(f'{name}.yaml', f'profile: 1\nname: images\ntarget: {{part: {part}}}\nfirmware:\n{listed}{keys}')
    write(f'{name}.want', bytes(flash))
    print(name)


app = build('app')
app_code = code(app)
assert app_code[:8] == struct.pack('<I', 0x20020000) + app_code[4:8]
boot = build('boot', seed=5)
boot_code = code(boot)
high = build('high', origin=0x08020000, stack=0x24080000, seed=9)
high_code = code(high)
whole = [(FLASH, app_code)]
# Between sections nothing is stated; a binary file has zeros there.
filled = [(FLASH, read(objcopy(app, 'app.bin')))]
both = [(FLASH, boot_code), (0x08020000, high_code)]

# --- ELF ---
good('elf-gnu', 'file: app.elf', whole)
run('arm-none-eabi-strip', '-o', 'stripped.elf', app)
good('elf-stripped', 'file: stripped.elf', whole)
build('page', link=('-z', 'max-page-size=0x1000'))
good('elf-page-4k', 'file: page.elf', whole)
build('lld', linker='ld.lld')
good('elf-lld', 'file: lld.elf', [(FLASH, code('lld.elf'))])
build('lld-high', origin=0x08020000, linker='ld.lld')
good('elf-lld-behind-a-boot-loader', ['file: boot.elf', 'file: lld-high.elf'],
     [(FLASH, boot_code), (0x08020000, code('lld-high.elf'))])

# lld writes zeros for a section without bytes if an empty one with bytes follows.
write('noload.s', '.section .dma,"aw",%nobits\n.space 64\n')
run('arm-none-eabi-as', '-o', 'noload.o', 'noload.s')
write('noload.ld', read('lld.ld').decode().replace('.assets :', """.dma (NOLOAD) : { *(.dma) } > RAM
	.eth : { _seth = .; *(.eth*) _eeth = .; } > RAM\n\t.assets :""").replace('.bss (NOLOAD) : { *(.bss*) } > RAM\n', ''))
run('ld.lld', '-T', 'noload.ld', '-o', 'noload.elf', 'lld.o', 'noload.o')
good('elf-lld-noload-before-empty', 'file: noload.elf', [(FLASH, code('lld.elf'))])
# Data alone, beside code that another file programs.
write('data.s', '.section .config,"a"\n.word 1,2,3,4\n.section .text.app,"ax"\n.space 64\n')
write('data.ld', 'SECTIONS { .text 0x08000000 (NOLOAD) : { *(.text*) } .config 0x081E0000 : { *(.config) } }\n')
run('arm-none-eabi-as', '-o', 'data.o', 'data.s')
run('arm-none-eabi-ld', '-T', 'data.ld', '-e', '0', '-o', 'data.elf', 'data.o')
good('elf-data-beside-code', ['file: app.elf', 'file: data.elf'], whole + [(0x081E0000, struct.pack('<4I', 1, 2, 3, 4))])
good('elf-axf', 'file: app.axf', [(FLASH, read(write('app.axf', read(app))) and app_code)])


def no_physical(header):
    header[3] = 0


# Both segments then run where they are loaded: .data would lie in RAM.
flat = build('flat')
objcopy(flat, 'flat-code.elf', 'elf32-littlearm', '-R', '.data', '-R', '.bss')
elf_patch('flat-code.elf', 'no-physical.elf', no_physical)
good('elf-no-physical-addresses', 'file: no-physical.elf', [(FLASH, code('flat-code.elf'))])
elf_strip_sections('page.elf', 'sstripped.elf')
good('elf-without-section-headers', 'file: sstripped.elf', filled)
headers = build('headers', origin=0x08008000, link=('-z', 'max-page-size=0x10000'))
old = bytes(range(256)) * 8192
write('old.bin', old)
wanted = bytearray(old)
wanted[0x8000:0xA000] = b'\xff' * 0x2000
good('elf-headers-in-the-segment', 'file: headers.elf', [(0x08008000, code(headers))], part='stm32h7a3xi',
     keys='erase: touched\nstart: 0x08008000\n', before=bytes(wanted))
lld_headers = build('lld-headers', origin=0x08008000, linker='ld.lld')
good('elf-lld-headers-in-a-segment', 'file: lld-headers.elf', [(0x08008000, code(lld_headers))], part='stm32h7a3xi',
     keys='erase: touched\nstart: 0x08008000\n', before=bytes(wanted))
assets = build('assets', assemble=('--defsym', 'ASSETS=1'))
good('elf-assets-left-out', 'file: assets.elf, range: {first: 0x08000000, last: 0x081fffff}', [(FLASH, code(assets))])
cm4 = build('cm4', origin=0x08100000, stack=0x10048000, seed=77)
good('elf-two-cores', ['file: app.elf', 'file: cm4.elf'], [(FLASH, app_code), (0x08100000, code(cm4))],
     part='stm32h747xi')



def no_data(header):
    if header[2] >= 0x20000000:
        header[0] = 0


# objcopy has no such section, as no loader has.
objcopy(app, 'no-data.elf', 'elf32-littlearm', '-R', '.data')
elf_patch('app.elf', 'left-out.elf', no_data)
good('elf-section-in-no-segment', 'file: left-out.elf', [(FLASH, code('no-data.elf'))])

# --- Intel HEX ---
objcopy(app, 'objcopy.hex', 'ihex')
good('hex-objcopy', 'file: objcopy.hex', whole)
run('llvm-objcopy', '-O', 'ihex', app, 'llvm.hex')
good('hex-llvm', 'file: llvm.hex', whole)
for width in (16, 32, 255):
    run('srec_cat', 'app.bin', '-binary', '-offset', '0x08000000', '-o', f'srec{width}.hex', '-intel',
        f'-Output_Block_Size={width}')
    good(f'hex-srec_cat-{width}', f'file: srec{width}.hex', filled)
run('srec_cat', 'app.bin', '-binary', '-offset', '0x1000', '-o', 'segments.hex', '-intel', '-address-length=3')
good('hex-segments-moved', 'file: segments.hex, offset: 0x07fff000', filled)
keil = hex_lines(FLASH, app_code) + [hex_record(5, 0, app_code[4:8][::-1]), HEX_END]
write('keil.hex', '\r\n'.join(keil) + '\r\n')
good('hex-keil', 'file: keil.hex', whole)
iar = hex_lines(FLASH, app_code, 20) + [hex_record(3, 0, bytes(4)), HEX_END]
write('iar.hex', '\n'.join(iar) + '\n')
good('hex-iar', 'file: iar.hex', whole)
write('cr.hex', '\r'.join(keil) + '\r')
good('hex-cr-line-ends', 'file: cr.hex', whole)
write('bom.hex', b'\xef\xbb\xbf' + '\n'.join(keil).encode())
good('hex-byte-order-mark', 'file: bom.hex', whole)
write('blank.hex', '\r\n\r\n   \r\n' + '\r\n'.join(keil))
good('hex-blank-lines-before', 'file: blank.hex', whole)
write('ctrl-z.hex', '\r\n'.join(keil).encode() + b'\r\n\x1a')
good('hex-ctrl-z', 'file: ctrl-z.hex', whole)
write('nul.hex', '\n'.join(keil).encode() + b'\n' + bytes(300))
good('hex-nuls', 'file: nul.hex', whole)
write('lower.hex', '\n'.join(keil).lower() + '\n')
good('hex-lower-case', 'file: lower.hex', whole)
lines = hex_lines(0x08020000, high_code)
write('backwards.hex', '\n'.join([lines[0]] + lines[:0:-1] + [HEX_END]) + '\n')
good('hex-backwards', ['file: boot.elf', 'file: backwards.hex'], both)
merged = hex_lines(FLASH, boot_code) + hex_lines(0x08020000, high_code) + hex_lines(FLASH, boot_code[:64]) + [HEX_END]
write('merged.hex', '\n'.join(merged) + '\n')
good('hex-merged-with-equal-bytes', 'file: merged.hex', both)
run('srec_cat', 'objcopy.hex', '-intel', '-crop', '0x08000000', '0x08000200', '-o', 'crop.hex', '-intel')
good('hex-range', 'file: objcopy.hex, range: {first: 0x08000000, last: 0x080002bf}', [(FLASH, app_code[:0x2c0])])
option = hex_lines(FLASH, app_code) + hex_lines(0x5200201C, bytes(32)) + hex_lines(0x90000000, bytes(64)) + [HEX_END]
write('option.hex', '\n'.join(option) + '\n')
good('hex-option-bytes-left-out', 'file: option.hex, range: {first: 0x08000000, last: 0x081fffff}', whole)

# --- S-records ---
objcopy(app, 'objcopy.srec', 'srec')
good('srec-objcopy', 'file: objcopy.srec', whole)
objcopy(app, 'forced.s37', 'srec', '--srec-forceS3')
good('srec-objcopy-s3', 'file: forced.s37', whole)
run('srec_cat', 'app.bin', '-binary', '-offset', '0x08000000', '-o', 'srec_cat.srec', '-motorola')
good('srec-srec_cat', 'file: srec_cat.srec', filled)
for bytes_, name in ((2, 's19'), (3, 's28')):
    run('srec_cat', 'app.bin', '-binary', '-offset', '0x100', '-o', f'short.{name}', '-motorola', f'-address-length={bytes_}')
    good(f'srec-{name}-moved', f'file: short.{name}, offset: 0x07ffff00', filled)
write('keil.mot', '\r\n'.join(srec_lines(FLASH, app_code) + [srec_record(7, FLASH)]) + '\r\n')
good('srec-keil-without-s0', 'file: keil.mot', whole)
records = srec_lines(FLASH, app_code, 32)
write('iar.srec', '\n'.join([srec_record(0, 0, b'app.out', 2)] + records + [srec_record(5, len(records), b'', 2),
                            srec_record(7, 0x08000299)]) + '\n')
good('srec-iar', 'file: iar.srec', whole)

write('s6.srec', '\n'.join(records + [srec_record(6, len(records), b'', 3), srec_record(8, 0x299, b'', 3)]) + '\n')
good('srec-s6-and-s8', 'file: s6.srec', whole)

# --- DFU and DfuSe ---
write('suffix.dfu', read('app.bin'))
run('dfu-suffix', '--vid', '0483', '--pid', 'df11', '--add', 'suffix.dfu')
good('dfu-suffix', 'file: suffix.dfu, address: 0x08000000', filled)
write('suffix11.dfu', suffix(app_code, 0x0110))
good('dfu-suffix-0110', 'file: suffix11.dfu, address: 0x08000000', whole)
run('dfuse-pack', '-b', '0x08000000:app.bin', 'pack.dfu')
good('dfuse-pack', 'file: pack.dfu', filled)
write('two.dfu', dfuse([(0, [(FLASH, boot_code), (0x08020000, high_code)])]))
good('dfuse-two-elements', 'file: two.dfu', both)
write('targets.dfu', dfuse([(0, [(FLASH, boot_code)]), (0, [(0x08020000, high_code)])]))
good('dfuse-two-targets', 'file: targets.dfu', both)
write('option.dfu', dfuse([(0, whole), (1, [(0x5200201C, bytes(128))])], 0x0110))
good('dfuse-alternate', 'file: option.dfu, alternate: 0', whole)

# --- UF2 ---
write('app.uf2', b''.join(uf2(whole)))
good('uf2', 'file: app.uf2', whole)
write('large.uf2', b''.join(uf2(both, size=476)))
good('uf2-large-blocks', 'file: large.uf2', both)
write('shuffled.uf2', b''.join(uf2(whole)[::-1]))
good('uf2-backwards', 'file: shuffled.uf2', whole)
write('nofamily.uf2', b''.join(uf2(whole, family=0, flags=0)))
good('uf2-without-family', 'file: nofamily.uf2', whole)
write('edgetx.uf2', b''.join(uf2(whole + [(0x90000000, bytes(3000))])))
good('uf2-range', 'file: edgetx.uf2, range: {first: 0x08000000, last: 0x081fffff}', whole)
blocks = uf2(whole)
write('comment.uf2', b''.join(uf2_block(i, len(blocks) + 1, *struct.unpack_from('<I', b, 12), b[32:32 + 256][:struct.unpack_from('<I', b, 16)[0]])
                              for i, b in enumerate(blocks)) + uf2_block(len(blocks), len(blocks) + 1, 0, b'note', flags=0x2001))
good('uf2-block-beside-flash', 'file: comment.uf2', whole)
write('other-note.uf2', read('comment.uf2')[:-512] + uf2_block(len(blocks), len(blocks) + 1, 0, b'note', 0xE48BFF59, 0x2001))
good('uf2-note-for-another-program', 'file: other-note.uf2', whole)
# An MD5 sum in the last 24 bytes and an extension tag behind the data are no data.
extended = b''
for i, block in enumerate(blocks):
    data = block[32:32 + 256][:struct.unpack_from('<I', block, 16)[0]]
    extra = data + b'\x08\xc7\x9f\x9f1.0\0' + bytes(4)
    extended += uf2_block(i, len(blocks), struct.unpack_from('<I', block, 12)[0], extra, flags=0xE000)
    extended = extended[:-512] + extended[-512:-496] + struct.pack('<I', len(data)) + extended[-492:-28] + bytes(range(24)) + extended[-4:]
write('extended.uf2', extended)
good('uf2-md5-and-tags', 'file: extended.uf2', whole)

# --- raw ---
good('raw', 'file: app.bin, address: 0x08000000', filled)
write('part1.bin', app_code[:1000])
write('part2.bin', app_code[1000:])
good('raw-in-pieces', ['file: part2.bin, address: 0x080003e8', 'file: part1.bin, address: 0x08000000'], whole)
with zipfile.ZipFile('web.zip', 'w') as archive:
    archive.writestr(zipfile.ZipInfo('index.html'), '<html></html>')
good('raw-archive-as-data', ['file: app.elf', 'file: web.zip, format: raw, address: 0x08100000'],
     whole + [(0x08100000, read('web.zip'))])
write('config.json', '{"serial": 1, "name": "controller"}\n')
good('raw-text-as-data', ['file: app.elf', 'file: config.json, format: raw, address: 0x08100000'],
     whole + [(0x08100000, read('config.json'))])
signed = struct.pack('<IIHHI', 0x96F3B83D, 0, 0x200, 0, len(high_code)).ljust(0x200, b'\0') + high_code
write('signed.bin', signed)
good('raw-mcuboot-slot', ['file: boot.elf', 'file: signed.bin, address: 0x08040000'], [(FLASH, boot_code), (0x08040000, signed)])
good('raw-update-behind-a-boot-loader', 'file: signed.bin, address: 0x08040000', [(0x08040000, signed)])
good('raw-unchecked', 'file: signed.bin, address: 0x08000000', [(FLASH, signed)], keys='start: {check: off}\n')
good('start-elsewhere', 'file: high.elf', [(0x08020000, high_code)], keys='leave: required\nstart: 0x08020000\n')
good('value-line', 'file: app.elf', whole, part='stm32h750xb')
