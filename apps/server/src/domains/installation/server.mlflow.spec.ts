import { describe, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { MLFLOW_VERSION } from './installation.mlflow.ts'

describe('the server, as clients of MLflow ask for it', () => {
  describeOverWire('it', (wire) => {
    const plain = async (path: string) => (await fetch(wire.server.url + path)).text()

    test('says that it is well and which version it speaks, in every project', async () => {
      for (const prefix of ['', '/p/default'])
        expect([await plain(`${prefix}/health`), await plain(`${prefix}/version`)]).toEqual(['OK', MLFLOW_VERSION])
      expect((await wire.get('/api/3.0/mlflow/server-info')).body).toEqual({
        store_type: 'SqlStore',
        workspaces_enabled: true,
      })
    })

    test('has projects for workspaces', async () => {
      const workspaces = '/api/3.0/mlflow/workspaces'
      expect(await wire.post(workspaces, { name: 'team-a' })).toEqual({
        status: 201,
        body: { workspace: { name: 'team-a' } },
      })
      expect((await wire.get(workspaces)).body).toEqual({ workspaces: [{ name: 'default' }, { name: 'team-a' }] })
      expect((await wire.get(`${workspaces}/team-a`)).body).toEqual({ workspace: { name: 'team-a' } })
      expect((await wire.get(`${workspaces}/none`)).body.error_code).toBe('RESOURCE_DOES_NOT_EXIST')
      expect((await wire.post(workspaces, { name: 'team-a' })).body.error_code).toBe('RESOURCE_ALREADY_EXISTS')
      for (const name of ['default', 'Team', 'a/b']) expect((await wire.post(workspaces, { name })).status).toBe(400)
      expect((await wire.send('DELETE', `${workspaces}/default`, {})).status).toBe(400)
    })

    test('changes what a workspace says of itself, and nothing that is not kept', async () => {
      const said = '/api/3.0/mlflow/workspaces'
      const made = await wire.post(said, { name: 'team-b', description: 'of b' })
      expect(made.body).toEqual({ workspace: { name: 'team-b', description: 'of b' } })
      const change = (body: object, name = 'team-b') => wire.send('PATCH', `${said}/${name}`, body)
      const changed = { status: 200, body: { workspace: { name: 'team-b', description: 'of all' } } }
      expect(await change({ description: 'of all' })).toEqual(changed)
      expect(await change({ default_artifact_root: '' })).toEqual(changed)
      expect(await wire.get(`${said}/team-b`)).toEqual(changed)
      expect((await change({ description: 'ours' }, 'default')).body).toEqual({
        workspace: { name: 'default', description: 'ours' },
      })
      expect((await change({ description: '' }, 'default')).body).toEqual({ workspace: { name: 'default' } })
      const wrongs: object[] = [
        {},
        { description: 5 },
        { description: 'x'.repeat(5001) },
        { default_artifact_root: 's3://elsewhere' },
        { description: 'x', trace_archival_config: { location: 's3://elsewhere' } },
      ]
      for (const wrong of wrongs) expect((await change(wrong)).status, JSON.stringify(wrong)).toBe(400)
      expect((await wire.post(said, { name: 'team-c', default_artifact_root: 's3://elsewhere' })).status).toBe(400)
      expect((await change({ description: 'x' }, 'none')).status).toBe(404)
      expect(await wire.get(`${said}/team-b`)).toEqual(changed)
    })

    test('tells that a workspace is kept for good, in a way that no client repeats', async () => {
      const said = '/api/3.0/mlflow/workspaces'
      await wire.post(said, { name: 'team-d' })
      for (const mode of ['', '?mode=CASCADE'])
        expect(await wire.send('DELETE', `${said}/team-d${mode}`, {})).toMatchObject({
          status: 409,
          body: { error_code: 'RESOURCE_CONFLICT', message: expect.stringContaining('is kept for good') as string },
        })
      expect((await wire.send('DELETE', `${said}/none`, {})).status).toBe(404)
      expect((await wire.get(`${said}/team-d`)).status).toBe(200)
    })
  })
})
