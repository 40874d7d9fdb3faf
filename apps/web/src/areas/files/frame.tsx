import { useCallback } from 'react'

/** The server's empty document, whose own headers keep what is written into it apart from everything. */
const EMPTY = '/frame.html'

/** A foreign page with the scripts and styles that it brings along. It has no origin: it reaches neither the console nor
 *  the network, opens nothing and sends nothing. */
export function Frame({ html, title, className }: { html: string; title: string; className: string }) {
  const fill = useCallback(
    (frame: HTMLIFrameElement | null) => {
      if (!frame) return
      const send = ({ source }: MessageEvent) => {
        if (source === null || source !== frame.contentWindow) return
        removeEventListener('message', send)
        // A document without an origin cannot be named as the one that is meant.
        frame.contentWindow.postMessage(html, '*')
      }
      addEventListener('message', send)
      frame.src = EMPTY
      return () => removeEventListener('message', send)
    },
    [html],
  )
  return (
    <iframe
      ref={fill}
      sandbox="allow-scripts"
      title={title}
      referrerPolicy="no-referrer"
      loading="lazy"
      className={className}
    />
  )
}
