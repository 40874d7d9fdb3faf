import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readYaml } from './yaml.ts'
import type { Yaml } from './yaml-scalars.ts'
import { YamlError } from './yaml-scalars.ts'

/** As plain objects, for comparing. */
const plain = (value: Yaml): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, plain(one as Yaml)]))
  return Array.isArray(value) ? value.map(plain) : value
}
const read = (text: string) => plain(readYaml(text))

test('what MLflow writes is read: mappings, nulls, quoted text over several lines', () => {
  const text = `artifact_path: mlflow-artifacts:/1/models/m-1/artifacts
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    code: null
    sklearn_version: '1.10'
model_size_bytes: 1722
prompts: null
signature:
  inputs: '[{"type": "double", "name": "sepal length (cm)", "required": true}, {"type":
    "double", "name": "it''s", "required": true}]'
  params: null
utc_time_created: '2026-11-21 00:18:57.635443'
`
  expect(read(text)).toEqual({
    artifact_path: 'mlflow-artifacts:/1/models/m-1/artifacts',
    flavors: {
      python_function: {
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'mlflow.sklearn',
        python_version: '3.11.7',
      },
      sklearn: { code: null, sklearn_version: '1.10' },
    },
    model_size_bytes: 1722,
    prompts: null,
    signature: {
      inputs:
        '[{"type": "double", "name": "sepal length (cm)", "required": true}, {"type": "double", "name": "it\'s", "required": true}]',
      params: null,
    },
    utc_time_created: '2026-11-21 00:18:57.635443',
  })
})

test('lists stand below their key, indented or not, and may hold mappings and lists', () => {
  const text = `# an environment
python: 3.11.7
channels:
- conda-forge   # first
build_dependencies:
  - pip==24.0
  - setuptools
dependencies:
- -r requirements.txt
- pip:
  - mlflow==3.11
  - scikit-learn
- name: a
  url: http://host:80/x#y
- - 1
  - 2
-
  deep: true
`
  expect(read(text)).toEqual({
    python: '3.11.7',
    channels: ['conda-forge'],
    build_dependencies: ['pip==24.0', 'setuptools'],
    dependencies: [
      '-r requirements.txt',
      { pip: ['mlflow==3.11', 'scikit-learn'] },
      { name: 'a', url: 'http://host:80/x#y' },
      [1, 2],
      { deep: true },
    ],
  })
})

test('blocks of text keep or fold their lines', () => {
  expect(read('a: |\n  one\n   two\n\n  three\nb: >-\n  one\n  two\n\n  three\n')).toEqual({
    a: 'one\n two\n\nthree\n',
    b: 'one two\nthree',
  })
})

test('flow collections may be spread over lines', () => {
  expect(read('a: {b: [1, two, "th, ree"], c: {}}\nd: [\n  1,\n  2]\ne: []')).toEqual({
    a: { b: [1, 'two', 'th, ree'], c: {} },
    d: [1, 2],
    e: [],
  })
})

test('double quotes have escapes, and plain text goes on when it is indented further', () => {
  expect(read('a: "x\\ty \\u00fc\\\n  z"\nb: one\n  two\n"c": ~')).toEqual({ a: 'x\ty üz', b: 'one two', c: null })
  expect(read('--- \nhello')).toBe('hello')
  expect(readYaml('')).toBeNull()
})

test('a number that would not be written like that again stays text', () => {
  expect(read('[1, 1.10, 007, 1e400, 12345678901234567890, -3, .5]')).toEqual([
    1,
    '1.10',
    '007',
    '1e400',
    '12345678901234567890',
    -3,
    '.5',
  ])
})

test('keys have no meaning, whatever they are called', () => {
  const value = readYaml('__proto__:\n  polluted: true\nconstructor: x') as ReadonlyMap<string, Yaml>
  expect([...value.keys()]).toEqual(['__proto__', 'constructor'])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test.each([
  ['a tag that makes objects', 'a: !!python/object/apply:os.system ["id"]'],
  ['a function', 'a: !<tag:yaml.org,2002:js/function> "function(){}"'],
  ['an anchor', 'a: &x [1]\nb: *x'],
  ['a bomb of aliases', 'a: &a ["x"]\nb: [*a, *a]'],
  ['a key that is there twice', 'a: 1\na: 2'],
  ['quotes that are not closed', 'a: "x'],
  ['a list that is not closed', 'a: [1, [2}'],
  ['a list closed by a brace', 'a: [}'],
  ['a mapping closed by a bracket', 'a: {]'],
  ['nesting without end', `${'- '.repeat(5000)}x`],
  ['flow nesting without end', '['.repeat(5000)],
  ['an escape that is none', '"\\q"'],
  ['something behind a quoted text', 'a: "b" c'],
])('%s is refused', (_, text) => {
  expect(() => readYaml(text)).toThrow(YamlError)
})

test('whatever the text is, it is read or refused', () => {
  const char = fc.constantFrom('a', ':', ' ', '-', '\n', '"', "'", '[', ']', '{', '}', ',', '|', '>', '#', '\\', '1')
  fc.assert(
    fc.property(fc.string({ unit: char, maxLength: 40 }), (text) => {
      try {
        readYaml(text)
      } catch (error) {
        expect(error).toBeInstanceOf(YamlError)
      }
    }),
    { numRuns: 5000 },
  )
})
