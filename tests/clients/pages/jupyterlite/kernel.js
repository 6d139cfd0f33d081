// What a test does with JupyterLite's kernel, in the page of its app: `theKernel()` starts one, and
// `runCell()` runs a cell and gives the messages that a notebook would show.
// The app is there as `jupyterapp` because the site's settings say so (exposeAppInBrowser).

let started;

/** The connection to one kernel, made when it is asked for first. */
globalThis.theKernel = () => {
  started ??= jupyterapp.serviceManager.kernels.startNew({ name: "python" });
  return started;
};

/** Run a cell; `answers` are for input(). Gives the messages as [kind, what is in it]. */
globalThis.runCell = async (code, answers) => {
  const kernel = await theKernel();
  const shown = [];
  const future = kernel.requestExecute({ code, allow_stdin: true, store_history: true });
  future.onIOPub = ({ header, content }) => {
    const kind = header.msg_type;
    if (kind === "stream" && shown.at(-1)?.[0] === content.name) shown.at(-1)[1] += content.text;
    else if (kind === "stream") shown.push([content.name, content.text]);
    else if (kind === "error") shown.push([kind, `${content.ename}: ${content.evalue}\n${content.traceback.join("\n")}`]);
    else if (kind === "status" || kind === "execute_input") return;
    else shown.push([kind, JSON.stringify(content)]);
  };
  future.onStdin = ({ header, content }) => {
    shown.push([content.password ? "password" : "question", content.prompt]);
    future.sendInputReply({ value: answers.shift(), status: "ok" }, header);
  };
  const reply = await future.done;
  shown.push(["reply", reply.content.status]);
  return shown;
};

/** A comm that the notebook opens; the kernel sends back what it gets, doubled. */
globalThis.commAnswers = async () => {
  const kernel = await theKernel();
  const comm = kernel.createComm("doubler");
  const answer = new Promise((resolve) => (comm.onMsg = ({ content }) => resolve(content.data)));
  await comm.open({}).done;
  await comm.send({ value: 21 }).done;
  return answer;
};
