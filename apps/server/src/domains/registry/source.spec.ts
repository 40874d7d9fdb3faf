import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSource } from './source.ts'

const read = (source: string) => readSource(source, { isPrompt: false, ofLoggedModel: false })

test('a source is read by its scheme', () => {
  const id = `m-${'a1'.repeat(16)}`
  expect(read('runs:/abc/model/sub')).toEqual({ is: 'run', run: 'abc', path: 'model/sub' })
  expect(read('runs:/abc')).toEqual({ is: 'run', run: 'abc', path: '' })
  expect(read(`models:/${id}`)).toEqual({ is: 'logged-model', id })
  expect(read('models:/weather model/3')).toEqual({ is: 'version', model: 'weather model', version: '3' })
  expect(read('models:/weather@champion')).toEqual({ is: 'version', model: 'weather', version: 'champion' })
  expect(read('mlflow-artifacts:/1/abc/artifacts/model/')).toEqual({ is: 'files', path: '1/abc/artifacts/model' })
  expect(read('mlflow-artifacts://host:5000/1//abc')).toEqual({ is: 'files', path: '1/abc' })
  expect(read('s3://bucket/key')).toEqual({ is: 'elsewhere' })
})

describe('a path upwards is refused', () => {
  const STARTS = [
    'mlflow-artifacts:/1',
    'mlflow-artifacts://host/1',
    'runs:/abc',
    'http://host/a',
    's3:/bucket',
    'models:',
  ]
  const UPWARDS = [
    '../up',
    '..',
    'a/../../up',
    './a',
    '%2e%2e/up',
    '..%2fup',
    '%252e%252e%252fup',
    '%25252e%25252e/up',
    '..\\up',
    '..%5cup',
    'a%00',
    'a\u0000',
    'a#../up',
    'a?b=../up',
    'a;../up',
    'a\r\n',
  ]
  test.each(STARTS.flatMap((start) => UPWARDS.map((path) => `${start}/${path}`)))('%j', (source) => {
    expect(() => read(source)).toThrow(/Invalid model version source: /)
  })

  test('however often it is encoded, and wherever it stands', () => {
    const encoded = fc
      .tuple(fc.constantFrom('..', '../..', '..\\'), fc.integer({ min: 0, max: 14 }))
      .map(([path, times]) => {
        let text: string = path
        for (let time = 0; time < times; time++)
          text =
            time === 0
              ? text.replaceAll(/[./\\]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
              : encodeURIComponent(text)
        return text
      })
    const start = fc.constantFrom(...STARTS)
    fc.assert(
      fc.property(start, encoded, fc.constantFrom('', 'a/'), (scheme, path, before) => {
        expect(() => read(`${scheme}/${before}${path}/b`)).toThrow(/Invalid model version source: /)
      }),
    )
  })
})

describe('a place on the disk of the server is refused', () => {
  test.each([
    '/etc/passwd',
    'etc/passwd',
    'file:///etc/passwd',
    'file:relative',
    'FILE:///x',
    'C:\\models',
    'c:/models',
    '//host/share',
    '\\\\host\\share',
    'model',
  ])('%j', (source) => {
    expect(() => read(source)).toThrow(/To use a local path as a model version source, the run_id/)
    expect(() => readSource(source, { isPrompt: false, ofLoggedModel: true })).toThrow(/the model_id request parameter/)
  })

  test('also for a prompt, whose source may otherwise be any word', () => {
    const prompt = (source: string) => readSource(source, { isPrompt: true, ofLoggedModel: false })
    expect(prompt('prompt-template')).toEqual({ is: 'elsewhere' })
    for (const source of ['/etc/passwd', 'file:///etc/passwd', 'C:\\x', '\\\\host\\share'])
      expect(() => prompt(source)).toThrow(/Invalid prompt source: /)
    expect(() => prompt('http://host/../x')).toThrow(/Invalid model version source/)
  })
})

test('whatever is given, nothing but a refusal is thrown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (source, isPrompt) => {
      try {
        readSource(source, { isPrompt, ofLoggedModel: false })
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' })
      }
    }),
  )
})
