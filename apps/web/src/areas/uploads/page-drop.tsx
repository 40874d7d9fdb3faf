import { Upload } from 'lucide-react'
import { useEffect, useState } from 'react'
import { uploads as words } from '../../strings/uploads.ts'
import { droppedFiles } from './bundle.ts'
import css from './drop-zone.module.css'
import type { BundleFile } from './push.ts'

const bringsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
/** Parts of the page that take files for something else say so by `data-takes-files`. */
const isTaken = ({ target }: DragEvent) => target instanceof Element && target.closest('[data-takes-files]') !== null

/** Takes files that are dropped anywhere on the page, and says so while they hover. */
export function PageDrop({ onFiles }: { onFiles: (files: BundleFile[]) => void }) {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    let inside = 0
    const set = (next: number) => {
      inside = Math.max(next, 0)
      setOver(inside > 0)
    }
    const onEnter = (event: DragEvent) => bringsFiles(event) && set(inside + 1)
    const onLeave = (event: DragEvent) => bringsFiles(event) && set(inside - 1)
    const onOver = (event: DragEvent) => {
      if (!bringsFiles(event)) return
      event.preventDefault()
      setOver(!isTaken(event))
    }
    // Also where a part of the page takes them itself.
    const onDropFirst = (event: DragEvent) => bringsFiles(event) && set(0)
    const onDrop = (event: DragEvent) => {
      if (!bringsFiles(event) || event.defaultPrevented) return
      event.preventDefault()
      void droppedFiles(event.dataTransfer!).then(onFiles)
    }
    const stopping = new AbortController()
    const { signal } = stopping
    addEventListener('dragenter', onEnter, { signal })
    addEventListener('dragleave', onLeave, { signal })
    addEventListener('dragover', onOver, { signal })
    addEventListener('drop', onDropFirst, { signal, capture: true })
    addEventListener('drop', onDrop, { signal })
    return () => stopping.abort()
  }, [onFiles])
  if (!isOver) return null
  return (
    <div className={css.screen}>
      <div className={css.here}>
        <Upload size={20} />
        <b>{words.dropToPush}</b>
        <span className="dim">{words.dropSays}</span>
      </div>
    </div>
  )
}
