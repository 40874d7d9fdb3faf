import { expect, test } from 'vitest'
import { imageTypeOf, kindOf } from './kind.ts'

const of = (text: string) => new TextEncoder().encode(text)
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13)
const kind = (path: string, head: Uint8Array) => kindOf(path, head, head.length)

test('text is shown by what its name says it is', () => {
  expect(kind('a/notes.txt', of('hello'))).toBe('text')
  expect(kind('train.py', of('import mlflow'))).toBe('text')
  expect(kind('conda.yaml', of('a: 1'))).toBe('text')
  expect(kind('metrics.JSON', of('{}'))).toBe('json')
  expect(kind('map.geojson', of('{}'))).toBe('json')
  expect(kind('table.tsv', of('a\tb'))).toBe('table')
  expect(kind('README.md', of('# hello'))).toBe('markdown')
  expect(kind('report.html', of('<p>'))).toBe('html')
  expect(kind('eda.ipynb', of('{}'))).toBe('notebook')
  expect(kind('model/MLmodel', of('flavors: {}'))).toBe('mlmodel')
  expect(kind('Makefile', of('all:'))).toBe('text')
})

test('what the bytes are goes before what the name says', () => {
  expect(kind('plot.txt', PNG)).toBe('image')
  expect(kind('plot.png', of('<script>alert(1)</script>'))).toBe('text')
  expect(kind('plot.svg', of('\n<svg onload="alert(1)"/>'))).toBe('image')
  expect(kind('plot.svg', of('alert(1)'))).toBe('text')
  expect(kind('data.csv', Uint8Array.of(0, 1, 2))).toBe('other')
  expect(kind('MLmodel', Uint8Array.of(0x80, 4, 0x95))).toBe('other')
  expect(kind('song.mp3', of('<script>'))).toBe('text')
})

test('the type of an image is never taken from the server, and is one that a browser draws', () => {
  expect(imageTypeOf('x.gif', of('GIF89a'))).toBe('image/gif')
  expect(imageTypeOf('x.svg', of('<svg/>'))).toBe('image/svg+xml')
  expect(imageTypeOf('x.bmp', of('BM1234'))).toBe('image/bmp')
  expect(imageTypeOf('BMW.txt', of('BMW 3'))).toBeUndefined()
  expect(imageTypeOf('x.html', of('<svg/>'))).toBeUndefined()
})

test('bytes that nothing reads are named as such, and a file of no bytes is empty', () => {
  expect(kind('model.pkl', Uint8Array.of(0x80, 4, 0x95, 0))).toBe('other')
  expect(kind('data.parquet', of('PAR1 …'))).toBe('packed')
  expect(kind('clip.mp4', Uint8Array.of(0, 0, 0, 0x18))).toBe('video')
  expect(kind('data.csv', of(''))).toBe('empty')
})

test('a head that ends within a character is text, a file that does is not', () => {
  const cut = of('über').subarray(0, 1)
  expect(kindOf('a.txt', cut, 1000)).toBe('text')
  expect(kindOf('a.txt', cut, 1)).toBe('other')
})
