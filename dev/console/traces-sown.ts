/** An experiment with traces, some of which failed, and a set to evaluate with: what a client leaves behind. */
export interface SownTraces {
  readonly experiment: string
  /** The latest first. */
  readonly traces: readonly string[]
  readonly set: string
}

/** Three spans that call one another; every third trace fails in its search. */
function spansOf(traceId: string, at: number, failed: boolean): object[] {
  const nanos = (ms: number) => `${Date.now() - at * 60_000 - 5_000 + ms}000000`
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
  const span = (id: string, parent: string | undefined, name: string, from: number, took: number, more: object) => ({
    traceId,
    spanId: `00000000000000${id}`,
    name,
    status: { code: 1 },
    ...(parent === undefined ? {} : { parentSpanId: `00000000000000${parent}` }),
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(from + took),
    ...more,
  })
  const exception = [
    text('exception.type', 'TimeoutError'),
    text('exception.message', 'no answer within 2 s'),
    text('exception.stacktrace', 'Traceback (most recent call last):\n  in search'),
  ]
  const wrong = {
    status: { code: 2, message: 'no answer within 2 s' },
    events: [{ name: 'exception', timeUnixNano: nanos(900), attributes: exception }],
  }
  const asked = [text('mlflow.spanType', 'AGENT'), text('mlflow.spanInputs', '<b>Which trains go</b> to Rostock?')]
  const answered = [...asked, text('mlflow.spanOutputs', 'Four of them.'), text('session.id', 's-1')]
  return [
    span('a1', undefined, 'answer', 0, 2400, { attributes: answered, ...(failed ? { status: { code: 2 } } : {}) }),
    span('b2', 'a1', 'search', 300, 700, failed ? wrong : {}),
    span('c3', 'b2', 'embed', 310, 80, { attributes: [text('model', 'small')] }),
  ]
}

export async function sowTraces(url: string, count = 6): Promise<SownTraces> {
  const post = async <T>(path: string, body: object, headers = {}) => {
    const asked = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
    const answer = await fetch(`${url}${path}`, { ...asked, body: JSON.stringify(body) })
    const told = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${told}`)
    return (told === '' ? {} : JSON.parse(told)) as T
  }
  const name = `support ${crypto.randomUUID()}`
  const { experiment_id: experiment } = await post<{ experiment_id: string }>('/api/2.0/mlflow/experiments/create', {
    name,
  })
  const traces = Array.from({ length: count }, () => crypto.randomUUID().replaceAll('-', ''))
  for (const [at, trace] of traces.entries()) {
    const resourceSpans = [{ scopeSpans: [{ spans: spansOf(trace, at, at % 3 === 1) }] }]
    await post('/v1/traces', { resourceSpans }, { 'x-mlflow-experiment-id': experiment })
  }
  const sets = '/api/v1/projects/default/evaluation-sets'
  const { id: set } = await post<{ id: string }>(sets, { name: 'questions', experiments: [Number(experiment)] })
  const records = [
    { inputs: { question: 'Which trains?' }, expectations: { answer: 'four' } },
    { inputs: { question: 'x'.repeat(300) }, expectations: {}, outputs: 'none' },
  ]
  await post(`${sets}/${set}/records`, { records })
  return { experiment, traces: traces.map((trace) => `tr-${trace}`), set }
}
