import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { IconButton } from './button.tsx'
import css from './copy.module.css'

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <IconButton
      look="quiet"
      size="small"
      label={copied ? say(ui.copied) : (label ?? say(ui.copy))}
      icon={copied ? <Check /> : <Copy />}
      onClick={() => void copyText(text).then(() => setCopied(true))}
    />
  )
}

/** One line to be copied, such as an address. */
export function CopyField({ text }: { text: string }) {
  return (
    <span className={css.field}>
      <span className="cut">{text}</span>
      <CopyButton text={text} />
    </span>
  )
}

/** Lines to be pasted elsewhere. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className={css.block}>
      {/* Scrollable regions must be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <span className={css.corner}>
        <CopyButton text={text} />
      </span>
    </div>
  )
}

/** `sha256:9f2c…b1e7`: the ends tell digests apart; the whole is copied and heard. */
export function ShortDigest({ digest }: { digest: string }) {
  return (
    <span className="row">
      <code title={digest}>
        {digest.slice(0, 11)}…{digest.slice(-4)}
      </code>
      <CopyButton text={digest} />
    </span>
  )
}

/** Away from localhost without TLS there is no clipboard API; a selection still copies. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
