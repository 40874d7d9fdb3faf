import { execFile } from 'node:child_process'
import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectory, oneMaker } from '../dev/services/cache.ts'
import { fileOf, startProgram } from './processes.ts'
import type { Candidate } from './processes.ts'

const run = promisify(execFile)
const PACKAGES = ['fastapi', 'onnxruntime', 'uvicorn[standard]', 'numpy']

/** FastAPI with its packages in an environment of its own, made once outside of the repository. */
export async function startFastapi(model: string): Promise<Candidate> {
  const python = await oneMaker('bench-fastapi', environment)
  return startProgram(python, [fileOf('candidates/fastapi_server.py'), model])
}

async function environment(): Promise<string> {
  const home = join(cacheDirectory(), 'bench-fastapi')
  const python = join(home, 'bin', 'python')
  if (await works(python)) return python
  await rm(home, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', home])
  await run(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES], { timeout: 300_000 })
  return python
}

async function works(python: string): Promise<boolean> {
  try {
    await access(python)
    await run(python, ['-c', 'import fastapi, onnxruntime, uvicorn, uvloop, httptools, numpy'])
    return true
  } catch {
    return false
  }
}
