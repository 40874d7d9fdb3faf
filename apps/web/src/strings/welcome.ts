/** Words of the first steps: from one's own model to its first answer. */
export const welcome = {
  title: 'First steps',
  lead: 'Four steps to your own model answering.',
  says: 'Each step can be left and come back to: the address of this page remembers where you are.',
  inProject: 'In project {project}.',
  steps: {
    model: 'Bring a model',
    signature: 'Look at what it takes and gives',
    deploy: 'Deploy it',
    ask: 'Ask it',
  },
  step: 'Step {number}',
  done: 'done',
  change: 'Change',
  ifItFails: 'If it fails',
  model: {
    says: 'An ONNX file tells by itself what it takes and gives. A model in JavaScript is a folder with index.mjs; you declare its signature.',
    drop: 'Drop a file or a folder anywhere on this page, or',
    command: 'Or with the command line',
    here: 'Or go on with a model that is here',
    chosen: '{model} v{version}, {runtime}, {size}',
    fails:
      'When a file is refused, the dialog says why and keeps what you wrote: choose another file there and try again. A broken connection goes on by itself, and after a reload you choose the same file again.',
  },
  signature: {
    says: 'Callers send the inputs and get the outputs. -1 is any size, most often the number of rows.',
    looksRight: 'It looks right',
    told: '{inputs} in, {outputs} out',
    fails:
      'When an input is missing or has another type than you expect, export the model again and push it: versions never change, so a new one comes beside this one.',
  },
  deploy: {
    says: 'A deployment is an address that keeps answering while models change behind it. Its name is part of the address.',
    name: 'Name of the deployment',
    nameHint: '1 to 63 letters, digits, “.”, “_” or “-”',
    taken: 'There is a deployment {name} already. Choose another name, or go on with it.',
    act: 'Deploy {model} v{version}',
    again: 'Deploy again',
    goOnWith: 'Go on with {deployment}',
    stands: 'It stands already:',
    told: '{deployment} answers with {model} v{version}',
    fails:
      'The stage that failed says why. “No runner” means that nothing runs models yet: start one with “stead runner”. A version that cannot be loaded is refused and nothing else is touched; mend the file, push it, and deploy the new version.',
  },
  ask: {
    says: 'The form comes from the signature. The answer comes from your model, through the same door that callers use.',
    what: 'the deployment',
    gone: 'There is no deployment {name} any more. Deploy the model again.',
    command: 'The same from a terminal',
    fails:
      'A wrong field says what it expects. “Not ready” or “parked” passes by itself after loading. An error inside the model is told with its message; the model’s version stays as it is.',
    end: 'Your model answers.',
    endSays: 'Push a better version whenever you have one, and swap it in without losing a request.',
    openDeployment: 'Open {deployment}',
    pushNext: 'Push the next version',
  },
} as const
