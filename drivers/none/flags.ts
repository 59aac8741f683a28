/** The options of `create --driver none`. */
export const noneFlags = {
  url: {
    type: 'string',
    summary: 'URL of the engine, such as tcp://192.0.2.1:2376 (required)',
    default: '',
  },
} as const;
