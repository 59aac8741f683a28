export const qemuEngine = {};
