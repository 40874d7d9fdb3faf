import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMlflowHash } from './mlflow-hash.ts'

describe('addresses that clients of MLflow print', () => {
  test.each([
    ['/experiments', { is: 'experiments' }],
    ['/experiments/1', { is: 'experiment', experiment: '1', part: 'runs' }],
    ['/experiments/1/models', { is: 'experiment', experiment: '1', part: 'models' }],
    ['/experiments/1/traces', { is: 'experiment', experiment: '1', part: 'traces' }],
    ['/experiments/1/traces?selectedEvaluationId=tr-1a', { is: 'trace', trace: 'tr-1a' }],
    ['/experiments/1/traces?selectedTraceId=tr-1a', { is: 'trace', trace: 'tr-1a' }],
    ['/experiments/1/traces/tr-1a', { is: 'trace', trace: 'tr-1a' }],
    ['/experiments/1/datasets', { is: 'experiment', experiment: '1', part: 'evaluation sets' }],
    ['/experiments/1/constructor', { is: 'experiment', experiment: '1', part: 'runs' }],
    ['/experiments/1/runs/abc', { is: 'run', run: 'abc', part: 'overview' }],
    ['/experiments/1/runs/abc/artifacts/model/MLmodel', { is: 'run', run: 'abc', part: 'files' }],
    ['/experiments/1/runs/abc/model-metrics', { is: 'run', run: 'abc', part: 'metrics' }],
    ['/experiments/1/runs/abc/system-metrics', { is: 'run', run: 'abc', part: 'system' }],
    ['/experiments/1/models/m-12', { is: 'logged model', model: 'm-12' }],
    ['/runs/abc', { is: 'run', run: 'abc', part: 'overview' }],
    ['/compare-runs?runs=["a","b"]&experiments=["3"]', { is: 'comparison', runs: ['a', 'b'], experiment: '3' }],
    ['/compare-runs?runs=%5B%22a%22%5D&experiments=[3]', { is: 'comparison', runs: ['a'], experiment: '3' }],
    ['/metric/loss?runs=["a"]&experiments=["3"]', { is: 'comparison', runs: ['a'], experiment: '3' }],
    ['/compare-experiments/s?experiments=["1","2"]', { is: 'experiment', experiment: '1', part: 'runs' }],
    ['/models', { is: 'models' }],
    ['/models/flight%20delay', { is: 'model', model: 'flight delay' }],
    ['/models/weather/versions/8', { is: 'version', model: 'weather', version: '8' }],
    ['/compare-model-versions?name="weather"&runs={"a":"1"}', { is: 'model', model: 'weather' }],
    ['/settings/webhooks', { is: 'webhooks' }],
    ['/settings', undefined],
    ['/prompts', undefined],
  ])('%s leads to the page of it', (hash, place) => {
    expect(readMlflowHash(hash)).toEqual(place)
  })

  test('whatever stands behind the #, it is read', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void readMlflowHash(`/experiments/${text}`)))
    fc.assert(fc.property(fc.string(), (text) => void readMlflowHash(`/compare-runs?runs=${text}`)))
  })
})
