import { expect, test } from 'vitest'
import { stepIn } from './step.ts'
import { differenceOf, isOfNotebook, notebookAmong } from './run-memory.ts'
import { modelFolders } from './model-folders.ts'
import { trackingUriOf } from './tracking-uri.ts'

test('a run tells whether its code was as committed, by our tags before those of MLflow', () => {
  expect(differenceOf({})).toEqual({ is: 'unknown' })
  expect(differenceOf({ 'stead.git.difference': 'none', 'mlflow.source.git.dirty': 'True' })).toEqual({ is: 'clean' })
  expect(differenceOf({ 'stead.git.difference': 'sha256:1' })).toMatchObject({
    is: 'changed',
    path: expect.any(String),
  })
  expect(differenceOf({ 'mlflow.source.git.dirty': 'True' })).toEqual({ is: 'changed' })
  expect(differenceOf({ 'mlflow.source.git.diff': 'diff --git' })).toEqual({ is: 'changed' })
})

test('a run of a notebook is known by its tags, and the notebook kept with it by its name', () => {
  expect(isOfNotebook({ 'mlflow.source.type': 'NOTEBOOK', 'mlflow.source.name': '/Users/ines/train' })).toBe(true)
  expect(isOfNotebook({ 'mlflow.source.type': 'LOCAL', 'mlflow.source.name': 'C:\\work\\Train.IPYNB' })).toBe(true)
  expect(isOfNotebook({ 'mlflow.source.type': 'LOCAL', 'mlflow.source.name': 'train.py' })).toBe(false)
  const files = ['a.txt', 'code/explore.ipynb', 'code/train.ipynb']
  expect(notebookAmong(files, { 'mlflow.source.name': 'C:\\work\\Train.ipynb' })).toBe('code/train.ipynb')
  expect(notebookAmong(files, {})).toBe('code/explore.ipynb')
  expect(notebookAmong(['a.txt'], { 'mlflow.source.name': 'train.ipynb' })).toBeUndefined()
})

test('a step is a whole number, or nothing', () => {
  expect(['', ' 7 ', '-1', '1.5', 'last', '1e30'].map(stepIn)).toEqual([undefined, 7, -1, 'wrong', 'wrong', 'wrong'])
})

test('folders with a description of a model are found, and not looked into', async () => {
  const files = ['model/MLmodel', 'model/deep/MLmodel', 'a/b/c/MLmodel', 'a/b/c/d/e/MLmodel', 'notes.md']
  const listed: string[] = []
  const list = (folder: string) => {
    listed.push(folder)
    const start = folder === '' ? '' : `${folder}/`
    const names = new Set(
      files.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length).split('/')[0]!),
    )
    return Promise.resolve(
      [...names].map((name) => ({ path: start + name, isDirectory: !files.includes(start + name), size: null })),
    )
  }
  expect(await modelFolders(list)).toEqual(['model', 'a/b/c'])
  expect(listed).not.toContain('model/deep')
})

test('a project other than the default one is part of the tracking URI', () => {
  expect(trackingUriOf('default', 'http://host:7070')).toBe('http://host:7070')
  expect(trackingUriOf('weather', 'http://host:7070')).toBe('http://host:7070/p/weather')
})
