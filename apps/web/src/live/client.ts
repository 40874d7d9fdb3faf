import './without-eval.ts'
import { SteadError } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import type { Client } from '@stead/sdk'

const listeners = new Set<() => void>()

/** Hears of answers that say no to whoever asks: the session may have ended, or what it allows may have changed. */
export function onRefused(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

const isRefusal = (error: unknown) =>
  error instanceof SteadError && (error.code === 'unauthenticated' || error.code === 'forbidden')

async function heard<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (isRefusal(error)) for (const listener of listeners) listener()
    throw error
  }
}

const plain = createClient({ url: location.origin })

/** The console's only way to the server, which is the one it was loaded from. */
export const client: Client = {
  ...plain,
  call: (endpoint, call) => heard(plain.call(endpoint, call)),
  follow: (endpoint, call, onStage) => heard(plain.follow(endpoint, call, onStage)),
  send: (endpoint, call, upload) => heard(plain.send(endpoint, call, upload)),
  open: (endpoint, call) => heard(plain.open(endpoint, call)),
}
