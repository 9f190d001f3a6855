class Fovea < Formula
  desc "Runs trained Keras CNNs in plain C, with nothing underneath"
  homepage "@homepage@"
  url "@source@"
  sha256 "@sha256@"
  license "MIT"

  depends_on "cmake" => :build

  def install
    system "cmake", "-S", ".", "-B", "out", "-DBUILD_SHARED_LIBS=ON", "-DFOVEA_COMMAND=ON", *std_cmake_args
    system "cmake", "--build", "out"
    system "cmake", "--install", "out"
    pkgshare.install "weights/demo"
  end

  test do
    demo = pkgshare/"demo"
    system bin/"fovea", "convert", demo/"patterns.h5", "-o", "patterns.fovea", "--labels", demo/"labels.txt",
           "--preprocess", "keras-01", "--resize", "pil-bicubic"
    assert_match "starburst", shell_output("#{bin}/fovea run patterns.fovea #{demo}/starburst.jpg")
  end
end
