// How the city's own map is drawn: paper, roads with their edges, names along the roads, borders,
// grids, cases. Every colour is a property of map.css, so that a theme is a matter of style sheets.

const ROUND_M = 40075016.686;
const CJK = /[\u3400-\u9fff]/;

// The colours and the type of an element, read once a theme.
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  return {type: style.fontFamily, read};
}

// Pixels of so many metres on the ground at a zoom and a latitude.
function pixels(metres, zoom, latitude) {
  return metres * 2 ** zoom * 256 / ROUND_M / Math.cos(latitude * Math.PI / 180);
}

export function base({read, type}, latitude, under = []) {
  const p = window.protomapsL;
  const least = {1: 3, 2: 2, 3: 1, 4: .7};
  const wide = (zoom, feature) => Math.max(
    least[feature.props.rank], pixels(feature.props.width, zoom, latitude) * .8);
  const edge = (zoom) => zoom >= 15 ? 2.4 : 1.4;
  const rank = (from, to) => (zoom, feature) =>
    feature.props.rank >= from && feature.props.rank <= to;
  const road = (from, to, color, more) => ({
    dataSource: "base", dataLayer: "roads",
    filter: rank(from, to),
    symbolizer: new p.LineSymbolizer({
      color: (zoom, feature) => color,
      width: (zoom, feature) => wide(zoom, feature) + more(zoom),
      lineCap: "round", lineJoin: "round", perFeature: true,
    }),
  });
  const border = (level, dash, width, minzoom) => ({
    dataSource: "base", dataLayer: "areas",
    minzoom,
    filter: (zoom, feature) => feature.props.level === level,
    symbolizer: new p.LineSymbolizer({
      color: read(`--map-${level}`), width, dash, lineJoin: "round",
    }),
  });
  const land = (kind) => ({
    dataSource: "base", dataLayer: "land",
    filter: (zoom, feature) => feature.props.kind === kind,
    symbolizer: new p.PolygonSymbolizer({fill: read(`--map-${kind}`)}),
  });
  return {
    paintRules: [
      land("park"), land("water"), ...under,
      road(2, 4, read("--map-road-edge"), edge),
      road(1, 1, read("--map-main-edge"), edge),
      road(2, 4, read("--map-road"), () => 0),
      road(1, 1, read("--map-main"), () => 0),
      border("community", [7, 5], 1.4, 13),
      border("street", [10, 5], 2, 11),
      border("district", [], 2.4, 8),
    ],
    labelRules: [
      ...["street", "community"].map((level) => ({
        dataSource: "base", dataLayer: "names",
        minzoom: level === "street" ? 11 : 14,
        maxzoom: level === "street" ? 13 : 16,
        filter: (zoom, feature) => feature.props.level === level,
        symbolizer: new p.CenteredTextSymbolizer({
          labelProps: ["name"], font: `700 ${level === "street" ? 14 : 13}px ${type}`,
          fill: read("--map-name"), stroke: read("--map-halo"), width: 1.6,
        }),
      })),
      {
        dataSource: "base", dataLayer: "roads",
        minzoom: 13,
        filter: (zoom, feature) => zoom >= 12 + feature.props.rank,
        sort: (one, other) => one.rank - other.rank,
        symbolizer: new RoadName({
          labelProps: ["name"], font: `500 12px ${type}`, fill: read("--map-road-name"),
          stroke: read("--map-halo"), width: 3, position: 2, repeatDistance: 360,
        }),
      },
      {
        dataSource: "base", dataLayer: "names",
        minzoom: 14,
        filter: (zoom, feature) => ["park", "water"].includes(feature.props.level),
        symbolizer: new p.CenteredTextSymbolizer({
          labelProps: ["name"], font: `500 12px ${type}`, fill: read("--map-land-name"),
          stroke: read("--map-halo"), width: 1.4,
        }),
      },
    ],
  };
}

// A name along its road; on a steep road a Chinese name stands upright, one character below the
// other, as it is read.
class RoadName {
  constructor(options) {
    this.options = options;
    this.along = new window.protomapsL.LineLabelSymbolizer(options);
  }

  place(layout, geometry, feature) {
    const labels = this.along.place(layout, geometry, feature);
    const name = feature.props.name;
    if (!labels || !CJK.test(name)) return labels;
    for (const label of labels) this.upright(label, name);
    return labels;
  }

  upright(label, name) {
    const centre = (box) => [(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2];
    const first = centre(label.bboxes[0]);
    const last = centre(label.bboxes.at(-1));
    const dx = last[0] - first[0];
    const dy = last[1] - first[1];
    if (Math.abs(dy) < 1.4 * Math.abs(dx)) return;
    const {font, fill, stroke, width} = this.options;
    label.draw = (ctx) => {
      ctx.globalAlpha = 1;
      ctx.font = font;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.lineWidth = width;
      ctx.strokeStyle = stroke;
      ctx.fillStyle = fill;
      const step = ctx.measureText("路").width * 1.08;
      const letters = dy > 0 ? [...name] : [...name].reverse();
      const slope = dx / Math.abs(dy);
      letters.forEach((letter, index) => {
        const down = (index + .5) * step;
        const at = [slope * down, Math.sign(dy) * down];
        ctx.strokeText(letter, ...at);
        ctx.fillText(letter, ...at);
      });
    };
  }
}

// Communities shaded by how much is open in them; `shades` is {code: class}.
export function communities({read}, shades) {
  const ramp = [0, 1, 2, 3, 4].map((number) => read(`--map-shade-${number}`));
  return [{
    dataSource: "communities", dataLayer: "communities",
    symbolizer: new window.protomapsL.PolygonSymbolizer({
      fill: (zoom, feature) => ramp[shades[feature.props.code] ?? 0], perFeature: true,
    }),
  }];
}

// Unit grids, the one that is looked at, duty grids and components; rules of sources by the same
// names.
export function grids({read}, chosen) {
  const p = window.protomapsL;
  const isChosen = (zoom, feature) => String(feature.props.version) === chosen;
  const lines = (stroke, width) => new p.PolygonSymbolizer({
    fill: "rgba(0, 0, 0, 0)", stroke: read(stroke), width,
  });
  return [
    {
      dataSource: "grids", dataLayer: "grids", minzoom: 16,
      filter: (zoom, feature) => !isChosen(zoom, feature),
      symbolizer: lines("--map-grid", .8),
    },
    {
      dataSource: "duty_grids", dataLayer: "duty_grids", symbolizer: lines("--map-duty", 1.6),
    },
    {
      dataSource: "grids", dataLayer: "grids", filter: isChosen,
      symbolizer: new p.PolygonSymbolizer({
        fill: read("--map-chosen-fill"), stroke: read("--map-chosen"), width: 2.4,
      }),
    },
    {
      dataSource: "components", dataLayer: "components",
      symbolizer: new p.CircleSymbolizer({
        radius: 2.4, fill: read("--map-component"), stroke: read("--map-halo"), width: 1,
      }),
    },
  ];
}

// Cases: on time a dot in the colour of the stage, else a larger shape with the stage's character.
export function cases(palette, letters) {
  const draw = (ctx, geometry, zoom, feature) => {
    const {x, y} = geometry[0][0];
    ctx.save();
    ctx.translate(x, y);
    ctx.globalAlpha = 1;
    mark(ctx, palette, feature.props.light, letters[feature.props.stage]);
    ctx.restore();
  };
  const count = (ctx, geometry, zoom, feature) => {
    const {x, y} = geometry[0][0];
    ctx.save();
    ctx.translate(x, y);
    ctx.globalAlpha = 1;
    cluster(ctx, palette, feature.props);
    ctx.restore();
  };
  return [
    {dataSource: "cases", dataLayer: "cases", symbolizer: {draw}},
    {dataSource: "cases", dataLayer: "clusters", symbolizer: {draw: count}},
  ];
}

// One mark of the legend's: `letter` is {number: 1 to 5, letter}.
export function mark(ctx, {read, type}, light, {number, letter} = {number: 1, letter: ""}) {
  ctx.lineJoin = "round";
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = read("--map-halo");
  ctx.beginPath();
  if (light === "red") octagon(ctx, 10.5);
  else if (light === "yellow") triangle(ctx, 12);
  else if (light === "paused") ctx.rect(-7.5, -7.5, 15, 15);
  else ctx.arc(0, 0, 6, 0, 2 * Math.PI);
  ctx.fillStyle = light === "red" ? read("--map-overdue")
    : light === "yellow" ? read("--map-warning")
    : light === "paused" ? read("--map-paused") : read(`--stage-${number}`);
  ctx.fill();
  ctx.stroke();
  if (light === "paused") {
    ctx.fillStyle = read("--map-halo");
    ctx.fillRect(-3.5, -4, 2.4, 8);
    ctx.fillRect(1.1, -4, 2.4, 8);
  } else if (light === "red" || light === "yellow") {
    ctx.font = `700 ${light === "red" ? 12 : 10}px ${type}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = light === "red" ? "#fff" : "#3d2500";
    ctx.fillText(letter, 0, light === "red" ? .5 : 3.2);
  }
}

function octagon(ctx, radius) {
  for (let corner = 0; corner < 8; corner += 1) {
    const angle = Math.PI / 8 + corner * Math.PI / 4;
    ctx.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  ctx.closePath();
}

function triangle(ctx, size) {
  ctx.moveTo(0, -size);
  ctx.lineTo(size * .98, size * .72);
  ctx.lineTo(-size * .98, size * .72);
  ctx.closePath();
}

// Many cases as one figure; the share that is overdue or warned is the ring round it.
function cluster(ctx, {read, type}, {count, red, yellow}) {
  const radius = Math.min(18, 11 + Math.log10(count) * 3.2);
  ctx.beginPath();
  ctx.arc(0, 0, radius, 0, 2 * Math.PI);
  ctx.fillStyle = read("--map-count");
  ctx.fill();
  let from = -Math.PI / 2;
  for (const [share, color] of [[red / count, "--map-overdue"], [yellow / count, "--map-warning"]]) {
    if (!share) continue;
    const until = from + share * 2 * Math.PI;
    ctx.beginPath();
    ctx.arc(0, 0, radius - 1.5, from, until);
    ctx.lineWidth = 3;
    ctx.strokeStyle = read(color);
    ctx.stroke();
    from = until;
  }
  ctx.font = `700 12px ${type}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = read("--map-count-ink");
  ctx.fillText(String(count), 0, .5);
}
