// The trend of a subject's figures, drawn with ECharts; the table below it has the same numbers.
const place = document.getElementById("trend");
const {labels, lines} = JSON.parse(document.getElementById("trend-data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
// Told apart by dash and sign as well as by colour.
const TOKENS = ["--primary", "--stage-4", "--stage-3", "--stage-5", "--stage-1", "--warning-line"];
const SIGNS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"];
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 6], [12, 4]];
let chart = null;

function paint() {
  const style = getComputedStyle(document.documentElement);
  const colour = (token) => style.getPropertyValue(token).trim();
  const text = {color: colour("--ink-2"), fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily};
  chart?.dispose();
  chart = echarts.init(place, null, {renderer: "canvas"});
  chart.setOption({
    animation: !still,
    grid: {left: 40, right: 18, top: 14, bottom: 28},
    xAxis: {
      type: "category", data: labels, boundaryGap: false, axisLabel: text,
      axisLine: {lineStyle: {color: colour("--line-strong")}},
    },
    yAxis: {
      type: "value", min: 0, max: 100, axisLabel: text,
      splitLine: {lineStyle: {color: colour("--line")}},
    },
    series: lines.map((line, n) => ({
      type: "line", name: line.name, data: line.values, connectNulls: false,
      color: colour(TOKENS[n % TOKENS.length]), symbol: SIGNS[n % SIGNS.length],
      symbolSize: n ? 6 : 8, z: n ? 2 : 3,
      lineStyle: {width: n ? 1.5 : 3, type: DASHES[n % DASHES.length]},
    })),
  });
}

function name() {
  const key = document.createElement("ul");
  key.className = "chart-key";
  lines.forEach((line, n) => {
    const item = document.createElement("li");
    item.className = `line-${n % TOKENS.length}`;
    item.textContent = line.name;
    key.append(item);
  });
  place.after(key);
}

addEventListener("load", () => {
  paint();
  name();
  new ResizeObserver(() => chart.resize()).observe(place);
  dark.addEventListener("change", paint);
  place.dataset.up = "";
});
