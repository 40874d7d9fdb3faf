import { expect, test } from 'vitest'
import { readNotebook } from './notebook.ts'

const notebook = (...cells: unknown[]) =>
  JSON.stringify({ nbformat: 4, metadata: { language_info: { name: 'python' } }, cells })
const outputs = (...list: unknown[]) => {
  const cell = readNotebook(notebook({ cell_type: 'code', source: [], execution_count: 1, outputs: list })).cells[0]!
  return cell.is === 'code' ? cell.outputs : []
}

test('cells are text, code with its count, or raw', () => {
  const { cells, language } = readNotebook(
    notebook(
      { cell_type: 'markdown', source: ['# Hello\n', '\n', 'world'] },
      { cell_type: 'code', source: ['x = 1\n', 'x'], execution_count: 7, outputs: [] },
      { cell_type: 'code', source: 'y', execution_count: null, outputs: [] },
      { cell_type: 'raw', source: 'as it is' },
    ),
  )
  expect(language).toBe('python')
  expect(cells.map((cell) => cell.is)).toEqual(['markdown', 'code', 'code', 'raw'])
  expect(cells[1]).toMatchObject({ text: 'x = 1\nx', count: 7 })
  expect(cells[2]).toMatchObject({ count: null })
})

test('of a result in several types the richest that is safe is shown', () => {
  const png = btoa('\x89PNG\r\n\x1a\n')
  expect(
    outputs({ output_type: 'display_data', data: { 'image/png': [png], 'text/html': '<b>', 'text/plain': 'x' } }),
  ).toMatchObject([{ is: 'image', isSvg: false }])
  expect(
    outputs(
      { output_type: 'execute_result', data: { 'text/html': ['<table>', '</table>'], 'text/plain': 'x' } },
      { output_type: 'execute_result', data: { 'application/javascript': 'alert(1)', 'text/plain': 'x' } },
      { output_type: 'execute_result', data: { 'application/javascript': 'alert(1)' } },
      { output_type: 'stream', name: 'stderr', text: ['\u001b[31mred\u001b[0m'] },
      { output_type: 'error', ename: 'ValueError', evalue: 'bad', traceback: ['\u001b[0;31mline 1', 'line 2'] },
    ),
  ).toEqual([
    { is: 'page', html: '<table></table>' },
    { is: 'text', text: 'x', isError: false },
    { is: 'other', type: 'application/javascript' },
    { is: 'text', text: 'red', isError: true },
    { is: 'error', name: 'ValueError', says: 'bad', trace: 'line 1\nline 2' },
  ])
})

test('an image whose bytes cannot be read gives way to the text beside it', () => {
  expect(outputs({ output_type: 'display_data', data: { 'image/png': '<script>', 'text/plain': 'x' } })).toEqual([
    { is: 'text', text: 'x', isError: false },
  ])
})

test('notebooks of the older format are read, too', () => {
  const { cells } = readNotebook(
    JSON.stringify({
      nbformat: 3,
      worksheets: [
        {
          cells: [
            {
              cell_type: 'code',
              input: ['1 + 1'],
              prompt_number: 2,
              outputs: [{ output_type: 'pyout', text: ['2'] }],
            },
          ],
        },
      ],
    }),
  )
  expect(cells[0]).toEqual({
    is: 'code',
    text: '1 + 1',
    count: 2,
    outputs: [{ is: 'text', text: '2', isError: false }],
  })
})

test('what is no notebook is refused, and what is odd in one is left out', () => {
  expect(() => readNotebook('{}')).toThrow(SyntaxError)
  expect(() => readNotebook('no json')).toThrow(SyntaxError)
  expect(
    readNotebook(notebook(null, 5, { cell_type: 'code', source: 3, outputs: [null, { data: null }] })).cells,
  ).toEqual([
    { is: 'raw', text: '' },
    { is: 'raw', text: '' },
    {
      is: 'code',
      text: '',
      count: null,
      outputs: [
        { is: 'other', type: '' },
        { is: 'other', type: '' },
      ],
    },
  ])
})
