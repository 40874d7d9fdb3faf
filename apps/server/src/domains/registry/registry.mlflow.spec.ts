import { describe, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { pushVersion } from '../../scratch-server.fixture.ts'

let count = 0
const fresh = (what = 'model') => `${what} ${(count += 1)}`
const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' }

interface Made {
  readonly version: string
}

describeOverWire('the registry over MLflow’s protocol', (wire) => {
  const create = (name: string, more: object = {}) => wire.post('registered-models/create', { name, ...more })
  const register = async (name: string, more: object = {}) => {
    const { status, body } = await wire.post('model-versions/create', { name, source: 's3://bucket/model', ...more })
    expect({ status, body }).toMatchObject({ status: 200 })
    return body.model_version as Made
  }
  const getModel = (name: string) => wire.get('registered-models/get', { name })

  describe('a registered model', () => {
    test('is created once, with its tags, and read back', async () => {
      const name = fresh('模型')
      const made = await create(name, { description: 'of clouds', tags: [{ key: 'team', value: 'weather' }] })
      expect(made).toMatchObject({
        status: 200,
        body: { registered_model: { name, description: 'of clouds', tags: [{ key: 'team', value: 'weather' }] } },
      })
      expect(Number.isInteger((made.body.registered_model as { creation_timestamp: number }).creation_timestamp)).toBe(
        true,
      )
      expect(await getModel(name)).toEqual(made)
      expect(await create(name)).toEqual({
        status: 400,
        body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: `Registered Model (name=${name}) already exists.` },
      })
    })

    test.each([
      ['', "Missing value for required parameter 'name'"],
      ['   ', "Missing value for required parameter 'name'"],
      ['a/b', "Invalid model name 'a/b'. Names cannot contain '/' or ':'."],
      ['a:b', "Invalid model name 'a:b'. Names cannot contain '/' or ':'."],
      ['..', 'Invalid value ".." for parameter \'name\' supplied'],
      ['x'.repeat(257), "for parameter 'name' supplied"],
    ])('cannot be called %j', async (name, message) => {
      const { status, body } = await create(name)
      expect({ status, ...body }).toMatchObject({ status: 400, error_code: 'INVALID_PARAMETER_VALUE' })
      expect(body.message).toContain(message)
    })

    test('that is not there is told by its name, whatever is asked of it', async () => {
      const answer = {
        status: 404,
        body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Registered Model with name=nobody not found' },
      }
      const name = 'nobody'
      expect(await getModel(name)).toEqual(answer)
      expect(await wire.post('registered-models/rename', { name, new_name: 'somebody' })).toEqual(answer)
      expect(await wire.send('PATCH', 'registered-models/update', { name, description: '' })).toEqual(answer)
      expect(await wire.send('DELETE', 'registered-models/delete', { name })).toEqual(answer)
      expect(await wire.post('registered-models/set-tag', { name, key: 'k', value: 'v' })).toEqual(answer)
      expect(await wire.send('DELETE', 'registered-models/delete-tag', { name, key: 'k' })).toEqual(answer)
      expect(await wire.get('registered-models/get-latest-versions', { name })).toEqual(answer)
      expect(await wire.get('registered-models/alias', { name, alias: 'a' })).toEqual(answer)
      expect(await wire.send('DELETE', 'registered-models/alias', { name, alias: 'a' })).toEqual(answer)
      expect(await wire.post('model-versions/create', { name, source: 's3://b/m' })).toEqual(answer)
    })

    test('takes another name with all it has, and the old one is free', async () => {
      const [from, to] = [fresh(), fresh()]
      await create(from, { tags: [{ key: 'team', value: 'weather' }] })
      await register(from)
      await wire.post('registered-models/alias', { name: from, alias: 'champion', version: '1' })
      const renamed = await wire.post('registered-models/rename', { name: from, new_name: to })
      expect(renamed).toMatchObject({
        status: 200,
        body: { registered_model: { name: to, aliases: [{ alias: 'champion', version: '1' }] } },
      })
      expect((await getModel(from)).status).toBe(404)
      expect(await wire.get('model-versions/get', { name: to, version: '1' })).toMatchObject({
        body: { model_version: { name: to, aliases: ['champion'] } },
      })
      expect((await create(from)).status).toBe(200)
      expect(await wire.post('registered-models/rename', { name: from, new_name: to })).toMatchObject({
        status: 400,
        body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: `Registered Model (name=${to}) already exists.` },
      })
      expect((await wire.post('registered-models/rename', { name: to, new_name: to })).status).toBe(200)
      expect(await wire.post('registered-models/rename', { name: to, new_name: ' ' })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining("Missing value for required parameter 'new_name'") },
      })
    })

    test('is described, tagged and deleted', async () => {
      const name = fresh()
      await create(name)
      const tagged = async () => ((await getModel(name)).body.registered_model as { tags?: object[] }).tags
      await wire.send('PATCH', 'registered-models/update', { name, description: 'later' })
      expect(await getModel(name)).toMatchObject({ body: { registered_model: { description: 'later' } } })
      await wire.post('registered-models/set-tag', { name, key: 'a.b/c', value: '1' })
      await wire.post('registered-models/set-tag', { name, key: 'a.b/c', value: '2' })
      expect(await tagged()).toEqual([{ key: 'a.b/c', value: '2' }])
      expect(await wire.send('DELETE', 'registered-models/delete-tag', { name, key: 'a.b/c' })).toMatchObject({
        status: 200,
        body: {},
      })
      expect(await tagged()).toBeUndefined()
      expect(await wire.send('DELETE', 'registered-models/delete-tag', { name, key: 'gone' })).toMatchObject({
        status: 200,
      })
      expect(await wire.post('registered-models/set-tag', { name, key: '../up', value: '' })).toMatchObject({
        status: 400,
      })
      expect(
        await wire.post('registered-models/set-tag', { name, key: 'k', value: 'x'.repeat(100_001) }),
      ).toMatchObject({ status: 400, body: { message: "'value' exceeds the maximum length of 100000 characters" } })
      expect(await wire.send('DELETE', 'registered-models/delete', { name })).toEqual({ status: 200, body: {} })
      expect((await getModel(name)).status).toBe(404)
    })

    test('that was pushed is one of them, with its files where clients download them', async () => {
      const name = fresh('pushed')
      await pushVersion(wire.server.client, name, 'export const pushed = 1')
      expect(await getModel(name)).toMatchObject({
        body: {
          registered_model: { name, latest_versions: [{ version: '1', current_stage: 'None', status: 'READY' }] },
        },
      })
      const location = `mlflow-artifacts:/models/${name}/1`
      expect(await wire.get('model-versions/get-download-uri', { name, version: '1' })).toEqual({
        status: 200,
        body: { artifact_uri: location },
      })
      const listed = await wire.get('/api/2.0/mlflow-artifacts/artifacts', { path: `models/${name}/1` })
      expect(listed.body).toMatchObject({ files: [{ path: 'index.mjs', is_dir: false, file_size: 23 }] })
      expect(String((await wire.read(`models/${name}/1/index.mjs`)).bytes)).toBe('export const pushed = 1')
      await expect(wire.put(`models/${name}/1/index.mjs`, 'other')).rejects.toThrow(/400/)
      await expect(wire.put(`models/${name}/1/more.txt`, 'other')).rejects.toThrow(/400/)
    })
  })

  describe('aliases', () => {
    test('are set, moved, read and deleted, and go with their version', async () => {
      const name = fresh()
      await create(name)
      await register(name)
      await register(name)
      const set = (alias: string, version: string) => wire.post('registered-models/alias', { name, alias, version })
      const get = (alias: string) => wire.get('registered-models/alias', { name, alias })
      expect(await set('Champion_1', '1')).toEqual({ status: 200, body: {} })
      expect(await get('Champion_1')).toMatchObject({
        body: { model_version: { version: '1', aliases: ['Champion_1'] } },
      })
      await set('Champion_1', '2')
      expect(await get('Champion_1')).toMatchObject({ body: { model_version: { version: '2' } } })
      // A name made of digits is none that a deployment could tell from a number, but MLflow takes it.
      expect(await set('7', '1')).toMatchObject({ status: 200 })
      expect(await get('7')).toMatchObject({ body: { model_version: { version: '1' } } })
      expect(await get('LATEST')).toMatchObject({ body: { model_version: { version: '2' } } })
      await wire.send('DELETE', 'model-versions/delete', { name, version: '2' })
      expect(await get('Champion_1')).toEqual({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Registered model alias Champion_1 not found.' },
      })
      for (const alias of ['7', '7', 'never'])
        expect(await wire.send('DELETE', 'registered-models/alias', { name, alias })).toEqual({ status: 200, body: {} })
    })

    test.each([
      ['latest', "'latest' alias name (case insensitive) is reserved."],
      ['LaTest', "'latest' alias name (case insensitive) is reserved."],
      ['v12', "Version alias name 'v12' is reserved."],
      ['V1', "Version alias name 'V1' is reserved."],
      ['a b', "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-)."],
      ['a'.repeat(256), "'Registered model alias name' exceeds the maximum length of 255 characters"],
    ])('cannot be called %j', async (alias, message) => {
      const name = fresh()
      await create(name)
      await register(name)
      expect(await wire.post('registered-models/alias', { name, alias, version: '1' })).toEqual({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message },
      })
    })

    test('point at nothing that is not there', async () => {
      const name = fresh()
      await create(name)
      expect(await wire.post('registered-models/alias', { name, alias: 'a', version: '99' })).toEqual({
        status: 404,
        body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Model Version (name=${name}, version=99) not found` },
      })
      expect(await wire.get('registered-models/alias', { name, alias: 'latest' })).toMatchObject({
        status: 404,
        body: { message: `Latest version not found for model ${name}.` },
      })
    })
  })

  describe('a search for models', () => {
    test('filters, sorts and pages, the same while others are changed', async () => {
      const of = fresh('search')
      const names = ['B', 'a', 'C', 'd%', 'ü'].map((end) => `${of} ${end}`)
      for (const [index, name] of names.entries()) await create(name, { tags: [{ key: 'rank', value: String(index) }] })
      const found: string[] = []
      let token = ''
      do {
        const query = { filter: `name LIKE '${of} %'`, max_results: 2, order_by: ['name DESC'], page_token: token }
        const { status, body } = await wire.get('registered-models/search', query)
        expect(status).toBe(200)
        found.push(...(body.registered_models as { name: string }[]).map(({ name }) => name))
        token = (body.next_page_token as string | undefined) ?? ''
        await create(`${of} A ${found.length}`)
      } while (token !== '')
      expect(found.filter((name) => names.includes(name))).toEqual(
        names.toSorted((a, b) => Buffer.compare(Buffer.from(b), Buffer.from(a))),
      )
      expect(new Set(found).size).toBe(found.length)
      const named = async (filter: string) => {
        const { body } = await wire.get('registered-models/search', {
          filter: `name ILIKE '${of.toUpperCase()} %' and ${filter}`,
        })
        return ((body.registered_models ?? []) as { name: string }[]).map(({ name }) => name.slice(of.length + 1))
      }
      expect(await named("tags.rank = '1'")).toEqual(['a'])
      expect(await named("tags.rank != '1' and tags.rank IN ('1', '2')")).toEqual(['C'])
      expect(await named("(tags.rank = '0' or name like '%ü')")).toEqual(['B', 'ü'])
      expect(await named("name = 'no such'")).toEqual([])
    })

    test('of nothing is an empty object, and wrong questions are told', async () => {
      const search = (query: Record<string, string | number>) => wire.get('registered-models/search', query)
      expect(await search({ filter: "name = 'no such model'" })).toEqual({ status: 200, body: {} })
      const code = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } }
      expect(await search({ max_results: 1001 })).toMatchObject(code)
      expect(await search({ max_results: 0 })).toMatchObject(code)
      expect(await search({ max_results: 'many' })).toMatchObject(code)
      expect(await search({ page_token: '!!' })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('Invalid page token') },
      })
      expect(await search({ filter: "color = 'red'" })).toMatchObject(code)
      expect(await search({ filter: "name = 'a' and" })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('Invalid clause(s) in filter string') },
      })
      expect(await search({ order_by: 'creation_timestamp' })).toMatchObject(code)
    })

    test('leaves prompts out, unless it asks for them', async () => {
      const of = fresh('prompts')
      const [prompt, plain] = [`${of} prompt`, `${of} plain`]
      await create(prompt, { tags: [PROMPT] })
      await create(plain)
      await register(prompt, {
        source: 'prompt-template',
        tags: [PROMPT, { key: 'mlflow.prompt.text', value: 'Hi {{x}}' }],
      })
      await register(plain)
      const models = async (filter: string) => {
        const { body } = await wire.get('registered-models/search', { filter: `name LIKE '${of}%'${filter}` })
        return ((body.registered_models ?? []) as { name: string }[]).map(({ name }) => name)
      }
      const versions = async (filter: string) => {
        const { body } = await wire.get('model-versions/search', { filter: `name LIKE '${of}%'${filter}` })
        return ((body.model_versions ?? []) as { name: string }[]).map(({ name }) => name)
      }
      const tag = 'tags.`mlflow.prompt.is_prompt`'
      for (const found of [models, versions]) {
        expect(await found('')).toEqual([plain])
        expect(await found(` AND ${tag} != 'true'`)).toEqual([plain])
        expect(await found(` AND ${tag} = 'false'`)).toEqual([plain])
        expect(await found(` AND ${tag} = 'true'`)).toEqual([prompt])
      }
      const { body } = await wire.get('model-versions/get', { name: prompt, version: '1' })
      expect(body.model_version).toMatchObject({
        tags: expect.arrayContaining([{ key: 'mlflow.prompt.text', value: 'Hi {{x}}' }]),
      })
    })
  })

  test('the newest versions of each stage are told, by either method', async () => {
    const name = fresh()
    await create(name)
    for (const _ of [1, 2, 3]) await register(name)
    const move = (version: string, stage: string) =>
      wire.post('model-versions/transition-stage', { name, version, stage, archive_existing_versions: false })
    await move('1', 'production')
    await move('2', 'PRODUCTION')
    const told = (answer: { body: Record<string, unknown> }) =>
      ((answer.body.model_versions ?? []) as { version: string; current_stage: string }[]).map(
        ({ version, current_stage }) => `${version} ${current_stage}`,
      )
    const path = 'registered-models/get-latest-versions'
    expect(told(await wire.get(path, { name })).toSorted()).toEqual(['2 Production', '3 None'])
    expect(told(await wire.get(path, { name, stages: ['Production', 'Staging'] }))).toEqual(['2 Production'])
    expect(told(await wire.post(path, { name, stages: ['none'] }))).toEqual(['3 None'])
    expect(await wire.get(path, { name, stages: ['Gone'] })).toMatchObject({
      status: 400,
      body: {
        message: 'Invalid Model Version stage: Gone. Value must be one of None, Staging, Production, Archived.',
      },
    })
  })

  test('every operation is found under the other prefixes, too', async () => {
    const name = fresh()
    await create(name)
    for (const prefix of ['/ajax-api/2.0/mlflow', '/api/2.0/preview/mlflow', '/p/default/api/2.0/mlflow'])
      expect(await wire.get(`${prefix}/registered-models/get`, { name })).toMatchObject({ status: 200 })
    expect((await wire.get('/p/nobody/api/2.0/mlflow/registered-models/get', { name })).status).toBe(404)
  })

  test('models are found by the searches of R and of 1.x, too', async () => {
    const name = fresh()
    await create(name)
    const found = { body: { registered_models: [{ name }] } }
    expect(
      await wire.post('registered-models/search', { filter: `name = '${name}'`, max_results: '100' }),
    ).toMatchObject(found)
    const listed = await wire.get('registered-models/list', { max_results: 1000 })
    expect((listed.body.registered_models as { name: string }[]).map((one) => one.name)).toContain(name)
  })
})
