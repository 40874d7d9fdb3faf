import { collectGarbage } from '@stead/contracts'
import type { Collected, ProjectName } from '@stead/contracts'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'

/** Each answer after about so many, so that one sees how far it is. */
const SECONDS = 1
const NOTHING: Collected = { files: 0, artifacts: 0, bytes: 0 }

/** Collects part by part, until all is done or nobody looks any more: what is left then is left for another time. */
export function useCollection(project: ProjectName, onEnd: () => unknown) {
  const [collected, setCollected] = useState(NOTHING)
  const [state, setState] = useState<'idle' | 'collecting' | 'done'>('idle')
  const [failure, setFailure] = useState<string>()
  const isGone = useRef(false)
  useEffect(() => {
    isGone.current = false
    return () => void (isGone.current = true)
  }, [])
  async function collect(): Promise<void> {
    setState('collecting')
    setFailure(undefined)
    let sum = NOTHING
    setCollected(sum)
    try {
      for (let next: string | null = ''; next !== null && !isGone.current;) {
        const query: { seconds: number; after?: string } = { seconds: SECONDS, ...(next === '' ? {} : { after: next }) }
        const part: Collected & { next: string | null } = await client.call(collectGarbage, {
          params: { project },
          query,
        })
        sum = {
          files: sum.files + part.files,
          artifacts: sum.artifacts + part.artifacts,
          bytes: sum.bytes + part.bytes,
        }
        setCollected(sum)
        next = part.next
      }
      setState('done')
    } catch (error) {
      setFailure(sentenceOf(error))
      setState('idle')
    }
    await onEnd()
  }
  return { collected, state, failure, collect }
}
