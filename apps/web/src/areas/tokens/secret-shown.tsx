import { say } from '../../strings/message.ts'
import { tokens as words } from '../../strings/tokens.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock, CopyField } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Banner } from '../../ui/waiting.tsx'

/** A secret, the only time that it is told. It is in no cache and no address: closing forgets it. */
export function SecretShown({
  name,
  secret,
  use,
  onClose,
}: {
  name: string
  secret: string
  /** A command that shows it, or several. */
  use: string
  onClose: () => void
}) {
  return (
    <Dialog
      title={say(words.secretTitle, { name })}
      onClose={onClose}
      acts={
        <Button look="filled" onClick={onClose}>
          {words.done}
        </Button>
      }
    >
      <div className="stack">
        <Banner is="attention">{words.secretSays}</Banner>
        <div data-secret>
          <CopyField text={secret} />
        </div>
        <div>
          <p className="faint">{words.use}</p>
          <CodeBlock text={use} label={words.use} />
        </div>
      </div>
    </Dialog>
  )
}
