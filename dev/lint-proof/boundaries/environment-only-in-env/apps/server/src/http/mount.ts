// Wrong on purpose: a setting that no list of settings knows, read where nobody looks for it.
export const bodyLimit = () => Number(process.env.STEAD_MAX_BODY ?? 16_000_000)
