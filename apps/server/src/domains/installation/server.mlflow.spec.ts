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
      expect((await wire.send('DELETE', `${workspaces}/team-a`, {})).status).toBe(501)
      expect((await wire.send('PATCH', `${workspaces}/team-a`, { description: 'x' })).status).toBe(501)
    })
  })
})
